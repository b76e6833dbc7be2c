import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Edit } from "../islands/marks/outbox";
import { load, save } from "../islands/marks/store";
import { type Hooks, Sync } from "../islands/marks/sync";

const edit: Edit = { row: "a", col: "tx1", value: "8.5", version: 1 };
const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
const answer = (version = 2): Response => json({ cells: [{ row: "a", col: "tx1", state: "saved", value: "8.5", version }], missing: 3 });

let started: Sync[] = [];
let net: ReturnType<typeof vi.fn<typeof fetch>>;

function make(store: string): { sync: Sync; hooks: { [K in keyof Hooks]: ReturnType<typeof vi.fn> } } {
  const hooks = { settled: vi.fn(), refused: vi.fn(), remote: vi.fn(), status: vi.fn() };
  const sync = new Sync({ url: "/cells", store, cursor: "7", pause: 1, poll: 1_000_000 }, hooks);
  started.push(sync);
  return { sync, hooks };
}

const sent = (call: number): { request_id: string; cells: Edit[] } => JSON.parse(String(net.mock.calls[call]![1]!.body));
const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 2000, interval: 5 });

beforeEach(() => {
  net = vi.fn<typeof fetch>();
  vi.stubGlobal("fetch", net);
  document.cookie = "csrftoken=abc";
});
afterEach(() => {
  started.forEach((sync) => sync.stop());
  started = [];
  vi.unstubAllGlobals();
});

describe("saving", () => {
  it("sends what was typed with the token, once, and tells the answer", async () => {
    net.mockImplementation(async () => answer());
    const { sync, hooks } = make("s1");
    await sync.start();
    sync.add([{ ...edit, value: "8" }]);
    sync.add([edit]);
    await until(() => expect(hooks.settled).toHaveBeenCalledOnce());
    expect(net).toHaveBeenCalledOnce();
    expect(sent(0).cells).toEqual([edit]);
    expect(sent(0).request_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(new Headers(net.mock.calls[0]![1]!.headers).get("X-CSRFToken")).toBe("abc");
    expect(hooks.status).toHaveBeenLastCalledWith("idle", 0);
    await until(async () => expect(await load("s1")).toBeNull());
  });

  it("keeps what cannot be sent on the device, and sends it under the same id when the line is back", async () => {
    net.mockRejectedValueOnce(new TypeError("no line"));
    const { sync, hooks } = make("s2");
    await sync.start();
    sync.add([edit]);
    await until(() => expect(hooks.status).toHaveBeenLastCalledWith("offline", 1));
    await until(async () => expect((await load("s2"))?.attempt?.cells).toEqual([edit]));
    net.mockImplementation(async (_, init) => (init?.method === "POST" ? answer() : json({ cells: [], cursor: "8" })));
    window.dispatchEvent(new Event("online"));
    await until(() => expect(hooks.settled).toHaveBeenCalledOnce());
    const posts = net.mock.calls.filter(([, init]) => init?.method === "POST").map(([, init]) => JSON.parse(String(init!.body)));
    expect(posts).toHaveLength(2);
    expect(posts[1]).toEqual(posts[0]);
  });

  it("takes up on the next visit what the last one left", async () => {
    await save("s3", { pending: [], attempt: { request_id: "left-over", cells: [edit] } });
    net.mockImplementation(async () => answer());
    const { sync, hooks } = make("s3");
    expect(await sync.start()).toEqual([edit]);
    await until(() => expect(hooks.settled).toHaveBeenCalledOnce());
    expect(sent(0).request_id).toBe("left-over");
  });

  it("sends a second edit of the same cell on the version the first one got", async () => {
    let release: (response: Response) => void = () => undefined;
    net.mockImplementationOnce(() => new Promise((resolve) => (release = resolve)));
    net.mockImplementation(async () => answer(6));
    const { sync, hooks } = make("s4");
    await sync.start();
    sync.add([edit]);
    await until(() => expect(net).toHaveBeenCalledOnce());
    sync.add([{ ...edit, value: "9" }]);
    release(answer(5));
    await until(() => expect(hooks.settled).toHaveBeenCalledTimes(2));
    expect(sent(1).cells).toEqual([{ ...edit, value: "9", version: 5 }]);
  });

  it("gives up what the server refuses with a reason", async () => {
    net.mockImplementation(async () => json({ code: "gradebook.sheet_locked", message: "Sổ điểm đã khóa." }, 409));
    const { sync, hooks } = make("s5");
    await sync.start();
    sync.add([edit]);
    await until(() => expect(hooks.refused).toHaveBeenCalledWith([edit], "Sổ điểm đã khóa."));
    expect(sync.waiting).toBe(0);
  });

  it.each([
    ["the session is over", new Response("<html>", { headers: { "Content-Type": "text/html" } }), "signed-out"],
    ["the server is broken", new Response("<h1>", { status: 500 }), "stuck"],
    ["a proxy refuses without a reason", new Response("<h1>", { status: 403 }), "stuck"],
    ["the server is too busy", json({ message: "Chậm lại." }, 429), "stuck"],
  ])("keeps everything when %s", async (name, response, phase) => {
    net.mockImplementation(async () => response.clone());
    const { sync, hooks } = make(`s6 ${name}`);
    await sync.start();
    sync.add([edit]);
    await until(() => expect(hooks.status).toHaveBeenLastCalledWith(phase, 1));
    expect(hooks.refused).not.toHaveBeenCalled();
    expect(sync.waits("a:tx1")).toBe(true);
  });
});

describe("what others change", () => {
  it("is asked for since the last answer", async () => {
    const cells = [{ row: "b", col: "tx1", value: "7", version: 3, by: "Cô Lan" }];
    net.mockImplementation(async () => json({ cells, cursor: "9" }));
    const { sync, hooks } = make("s7");
    await sync.poll();
    expect(net.mock.calls[0]![0]).toBe("/cells?since=7");
    expect(hooks.remote).toHaveBeenCalledWith({ cells, cursor: "9" });
    await sync.poll();
    expect(net.mock.calls[1]![0]).toBe("/cells?since=9");
  });
});
