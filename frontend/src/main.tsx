import { createRoot } from "react-dom/client";
import { App } from "./App";
import { ConnectionMonitor, probeUrl } from "./chat/useConnectionStatus";
import "./styles/base.css";
import "./styles/layout.css";
import "./styles/board.css";
import "./styles/tasks.css";
import "./styles/overlays.css";

const connection = new ConnectionMonitor(probeUrl("/healthz"));
const root = document.getElementById("root");

if (root) createRoot(root).render(<App connection={connection} />);
