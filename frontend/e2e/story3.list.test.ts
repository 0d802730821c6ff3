import { describe, it } from "vitest";
import { launchBrowser, newPerson, openApp, takePicture } from "./support/browser";

const browser = launchBrowser();

describe("story 3: the list in trouble", () => {
  it("takes a change in the list back when the server refuses it", async () => {
    const { context } = await newPerson(browser());
    await context.request.post("/api/tasks", { data: { title: "Feed the cat" } });
    const app = await openApp(context);
    await app.row("Feed the cat").waitFor();
    await app.page.route("**/api/tasks/*", (route) =>
      route.fulfill({ status: 503, contentType: "application/problem+json", body: "{}" }),
    );
    await app.row("Feed the cat").getByRole("checkbox").click();
    await app.page.getByText("not available for a moment").waitFor();
    await app.row("Feed the cat").waitFor();
    await app.page.waitForTimeout(400); // the notice fades in
    await takePicture(app.page, "error-change-refused");
    await context.close();
  });

  it("says when the list cannot be loaded, and loads it on request", async () => {
    const { context } = await newPerson(browser());
    await context.request.post("/api/tasks", { data: { title: "Feed the cat" } });
    await context.route("**/api/tasks?*", (route) => route.fulfill({ status: 500, body: "" }));
    const app = await openApp(context);
    await app.page.getByText("could not be loaded").waitFor({ timeout: 15_000 });
    await takePicture(app.page, "error-list");
    await context.unroute("**/api/tasks?*");
    await app.page.getByRole("button", { name: "Try again" }).click();
    await app.row("Feed the cat").waitFor();
    await context.close();
  });
});
