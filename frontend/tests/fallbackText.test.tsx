import { act, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Markdown } from "../src/fallback/Markdown";
import { Widget } from "../src/fallback/Widget";

afterEach(() => {
  document.body.replaceChildren();
});

describe("what a model wrote", () => {
  it("becomes elements, and never HTML", () => {
    const { container } = render(
      <Markdown
        text={
          "# Title\n\nA **bold** and *soft* `code`.\n\n- one\n- two\n\n<img src=x onerror=alert(1)>"
        }
      />,
    );
    expect(container.querySelector("img")).toBeNull();
    expect(container.textContent).toContain("<img src=x");
    expect(container.querySelector("strong")?.textContent).toBe("bold");
    expect(container.querySelectorAll("ul > li")).toHaveLength(2);
    expect(container.querySelector("code")?.textContent).toBe("code");
  });

  it.each([
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "data:text/html,hello",
    "file:///etc/passwd",
    "//example.com",
    "/api/session",
    "https://",
  ])("links to the web and to mail only, and not to %s", (href) => {
    render(<Markdown text={`[words](${href})`} />);
    expect(screen.queryByRole("link")).toBeNull();
    expect(document.body.textContent).toContain("words");
  });

  it.each([
    ["[your bank](https://evil.example/login)", "your bank (evil.example)"],
    ["[https://bank.example](https://evil.example/)", "https://bank.example (evil.example)"],
    ["[bank](https://bank.example@evil.example:8443/a)", "bank (evil.example:8443)"],
    ["[bank](HTTPS://EVIL.example)", "bank (evil.example)"],
    ["[аpple.com](https://аpple.com)", "аpple.com (xn--pple-43d.com)"],
    ["[example.com](https://example.com/a?b=c)", "example.com"],
    ["[https://example.com/](https://example.com/)", "https://example.com/"],
    ["[write to Ada](mailto:ada@example.com?subject=Hi)", "write to Ada (ada@example.com)"],
  ])("says where a link leads: %s", (text, shown) => {
    render(<Markdown text={text} />);
    const link = screen.getByRole("link");
    expect(link.textContent).toBe(shown);
    expect(link.getAttribute("rel")).toBe("noopener noreferrer");
    expect(link.getAttribute("target")).toBe("_blank");
    for (const part of link.querySelectorAll("bdi")) expect(part.childElementCount).toBe(0);
  });

  it("keeps words with underscores and lone asterisks whole", () => {
    const { container } = render(<Markdown text={"due_at_time and 2 * 3 * 4"} />);
    expect(container.textContent).toBe("due_at_time and 2 * 3 * 4");
    expect(container.querySelector("em")).toBeNull();
  });
});

describe("a widget", () => {
  it("shows cards with their confirm and cancel", () => {
    const onAction = vi.fn(async () => {});
    const confirm = { label: "Confirm", action: { type: "bulk.confirm" } };
    render(
      <Widget
        root={{ type: "Card", children: [{ type: "Title", value: "Delete 2 tasks?" }], confirm }}
        busy={false}
        onAction={onAction}
      />,
    );
    screen.getByText("Delete 2 tasks?");
    act(() => screen.getByRole("button", { name: "Confirm" }).click());
    expect(onAction).toHaveBeenCalledWith({ type: "bulk.confirm", loadingBehavior: "container" });
  });

  it("takes no clicks while one is being done", () => {
    const onAction = vi.fn(async () => {});
    const button = { type: "Button", label: "Undo", onClickAction: { type: "change.undo" } };
    render(<Widget root={{ type: "Card", children: [button] }} busy onAction={onAction} />);
    act(() => screen.getByRole("button", { name: "Undo" }).click());
    expect(onAction).not.toHaveBeenCalled();
  });

  it("shows the first rows of a long list, and the rest when asked", () => {
    const rows = Array.from({ length: 12 }, (_, n) => ({
      type: "ListViewItem",
      key: `${n}`,
      children: [{ type: "Text", value: `row ${n}` }],
    }));
    render(
      <Widget
        root={{ type: "ListView", limit: 5, children: rows }}
        busy={false}
        onAction={vi.fn()}
      />,
    );
    expect(screen.queryByText("row 5")).toBeNull();
    act(() => screen.getByRole("button", { name: "Show 7 more" }).click());
    screen.getByText("row 11");
  });

  it("does not stumble over components it does not know", () => {
    const chart = { type: "Chart", children: [{ type: "Text", value: "inside" }] };
    render(<Widget root={{ type: "Card", children: [chart] }} busy={false} onAction={vi.fn()} />);
    screen.getByText("inside");
  });
});
