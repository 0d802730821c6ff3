import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { AccountMenu } from "../src/account/AccountMenu";
import { createSend } from "../src/api/send";
import { Toasts } from "../src/ui/toasts";
import { type Answer, fakeFetch, json, problem } from "./support/backend";

function account(...answers: Answer[]) {
  const backend = fakeFetch(...answers);
  const onDeleted = vi.fn();
  render(
    <Toasts>
      <AccountMenu
        user={{ id: "ada", email: "ada@example.com" }}
        send={createSend({ fetch: backend.fetch })}
        onDeleted={onDeleted}
      />
      <button type="button">Elsewhere</button>
    </Toasts>,
  );
  return { ...backend, onDeleted, user: userEvent.setup() };
}

const button = () => screen.getByRole("button", { name: "Account: ada@example.com" });
const item = (name: string) => screen.getByRole("menuitem", { name });
const gone = new Response(null, { status: 204 });

describe("the account's menu", () => {
  it("opens and is walked through by keyboard, and gives the focus back", async () => {
    const { user } = account();
    await user.tab();
    expect(document.activeElement).toBe(button());
    expect(button().getAttribute("aria-expanded")).toBe("false");
    await user.keyboard("{Enter}");
    expect(button().getAttribute("aria-expanded")).toBe("true");
    expect(document.activeElement).toBe(item("Export my data"));
    await user.keyboard("{ArrowDown}");
    expect(document.activeElement).toBe(item("Delete account…"));
    await user.keyboard("{ArrowDown}");
    expect(document.activeElement).toBe(item("Export my data"));
    await user.keyboard("{ArrowUp}");
    expect(document.activeElement).toBe(item("Delete account…"));
    await user.keyboard("{Home}");
    expect(document.activeElement).toBe(item("Export my data"));
    await user.keyboard("{Escape}");
    expect(screen.queryByRole("menu")).toBeNull();
    expect(document.activeElement).toBe(button());
    await user.keyboard("{ArrowUp}");
    expect(document.activeElement).toBe(item("Delete account…"));
  });

  it("closes by a second click, and when something else is clicked", async () => {
    const { user } = account();
    await user.click(button());
    await user.click(button());
    expect(screen.queryByRole("menu")).toBeNull();
    await user.click(button());
    await user.click(screen.getByText("Elsewhere"));
    expect(screen.queryByRole("menu")).toBeNull();
  });
});

describe("the export", () => {
  it("is saved as a file of that day", async () => {
    const saved: { name: string; href: string }[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (
      this: HTMLAnchorElement,
    ) {
      saved.push({ name: this.download, href: this.href });
    });
    const { user, asked } = account(json({ tasks: [] }));
    await user.click(button());
    await user.click(item("Export my data"));
    await screen.findByText("Your data has been saved as a file.");
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual(["GET /api/account/export"]);
    expect(saved).toEqual([
      {
        name: expect.stringMatching(/^taskchat-export-\d{4}-\d\d-\d\d\.json$/),
        href: expect.stringMatching(/^blob:/),
      },
    ]);
  });

  it("that failed says so, and can be tried again", async () => {
    const { user, asked } = account(problem(503, "database-unavailable"));
    await user.click(button());
    await user.click(item("Export my data"));
    await screen.findByText(/could not be exported\. The service is not available/);
    await user.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(asked.length).toBe(2));
  });
});

describe("the account's deletion", () => {
  async function dialog(...answers: Answer[]) {
    const page = account(...answers);
    await page.user.click(button());
    await page.user.click(item("Delete account…"));
    await screen.findByRole("dialog", { name: "Delete your account?" });
    return page;
  }
  const confirm = () => screen.getByRole<HTMLButtonElement>("button", { name: "Delete account" });
  const field = () => screen.getByRole("textbox", { name: "To confirm, type delete" });

  it("needs the word", async () => {
    const { user, asked, onDeleted } = await dialog(gone);
    expect(confirm().disabled).toBe(true);
    await user.type(field(), "delet");
    fireEvent.submit(field());
    expect(asked).toEqual([]);
    await user.type(field(), "e ");
    expect(confirm().disabled).toBe(false);
    await user.click(confirm());
    await waitFor(() => expect(onDeleted).toHaveBeenCalledTimes(1));
    expect(asked).toMatchObject([
      { method: "DELETE", url: "/api/account", body: '{"confirm":"delete"}' },
    ]);
  });

  it.each([
    [
      problem(429, "too-many-erasures", {}, { "Retry-After": "7200" }),
      /not been deleted\. Your account has been deleted several times today\. You can do it again (at|tomorrow)/,
    ],
    [new TypeError("Failed to fetch"), "not been deleted. The server cannot be reached."],
    [problem(500, "internal-error"), "not been deleted. Something went wrong on our side."],
  ])("that failed says so, and stays where it was", async (answer, words) => {
    const { user, onDeleted } = await dialog(answer);
    await user.type(field(), "Delete{Enter}");
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toMatch(words);
    expect(onDeleted).not.toHaveBeenCalled();
    expect(confirm().disabled).toBe(false);
  });

  it("can be left", async () => {
    const { user, asked } = await dialog(gone);
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(asked).toEqual([]);
  });
});
