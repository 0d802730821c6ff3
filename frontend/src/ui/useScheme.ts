import type { ColorScheme } from "@openai/chatkit";
import { useCallback, useEffect, useState } from "react";

const KEY = "taskchat.scheme";
const DARK = "(prefers-color-scheme: dark)";

/** The color scheme: the system's, until the person chooses one. */
export function useScheme(): [ColorScheme, () => void] {
  const [chosen, setChosen] = useState(() => localStorage.getItem(KEY));
  const [systemDark, setSystemDark] = useState(() => matchMedia(DARK).matches);
  const scheme: ColorScheme =
    chosen === "light" || chosen === "dark" ? chosen : systemDark ? "dark" : "light";

  useEffect(() => {
    const query = matchMedia(DARK);
    const follow = () => setSystemDark(query.matches);
    query.addEventListener("change", follow);
    return () => query.removeEventListener("change", follow);
  }, []);
  useEffect(() => {
    document.documentElement.dataset.scheme = scheme;
  }, [scheme]);

  const toggle = useCallback(() => {
    const next = scheme === "dark" ? "light" : "dark";
    localStorage.setItem(KEY, next);
    setChosen(next);
  }, [scheme]);
  return [scheme, toggle];
}
