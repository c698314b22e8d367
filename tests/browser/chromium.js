// SPDX-License-Identifier: GPL-3.0-or-later
// chromium: a headless Chromium that is asked over a pipe (the DevTools protocol, without a port and without a library).
"use strict";

const { spawn } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");

const OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
                 "--remote-debugging-pipe"];

class Chromium {
    constructor(binary) {
        this.profile = fs.mkdtempSync(path.join(os.tmpdir(), "evsim-browser-"));
        this.process = spawn(binary, [...OPTIONS, `--user-data-dir=${this.profile}`, "about:blank"],
                             { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
        this.waiting = new Map();
        this.listeners = [];
        this.next = 0;
        this.buffer = "";
        this.ended = new Promise((resolve) => this.process.on("exit", resolve));
        this.process.stdio[4].on("data", (bytes) => this.read(bytes));
    }

    // Messages end with a zero byte.
    read(bytes) {
        this.buffer += bytes.toString("utf8");
        for (let end; (end = this.buffer.indexOf("\0")) >= 0;) {
            const message = JSON.parse(this.buffer.slice(0, end));

            this.buffer = this.buffer.slice(end + 1);
            if (message.id === undefined) {
                this.listeners.forEach((listener) => listener(message));
                continue;
            }
            const { resolve, reject } = this.waiting.get(message.id);

            this.waiting.delete(message.id);
            if (message.error) {
                reject(new Error(`${message.error.message} ${message.error.data || ""}`));
            } else {
                resolve(message.result);
            }
        }
    }

    send(method, params, sessionId) {
        const id = ++this.next;

        this.process.stdio[3].write(`${JSON.stringify({ id, method, params: params || {}, sessionId })}\0`);
        return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    }

    // A page of its own, with everything that it complains of in `complaints`, and every address that it asked for.
    async open(url, { width = 1280, height = 900, dark = false } = {}) {
        const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
        const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
        const page = new Page(this, targetId, sessionId);

        await page.send("Performance.enable", { timeDomain: "threadTicks" });
        for (const domain of ["Page", "Runtime", "Log", "Network", "Accessibility"]) {
            await page.send(`${domain}.enable`);
        }
        await page.look({ width, height, dark });
        const loaded = page.event("Page.loadEventFired");

        await page.send("Page.navigate", { url });
        await loaded;
        return page;
    }

    async close() {
        this.send("Browser.close").catch(() => {});
        await this.ended;
        fs.rmSync(this.profile, { recursive: true, force: true });
    }
}

class Page {
    constructor(browser, targetId, sessionId) {
        this.browser = browser;
        this.targetId = targetId;
        this.sessionId = sessionId;
        this.complaints = [];
        this.requests = [];
        browser.listeners.push((message) => message.sessionId === sessionId && this.hear(message));
    }

    hear({ method, params }) {
        if (method === "Runtime.exceptionThrown") {
            const { text, exception } = params.exceptionDetails;

            this.complaints.push(`${text} ${(exception && exception.description) || ""}`);
        } else if (method === "Log.entryAdded" && params.entry.level !== "info" && params.entry.level !== "verbose") {
            this.complaints.push(`${params.entry.text} ${params.entry.url || ""}`);
        } else if (method === "Runtime.consoleAPICalled" && ["error", "warning", "assert"].includes(params.type)) {
            this.complaints.push(params.args.map((each) => each.value).join(" "));
        } else if (method === "Network.requestWillBeSent") {
            this.requests.push(params.request.url);
        }
    }

    event(method) {
        return new Promise((resolve) => {
            const listener = (message) => {
                if (message.sessionId === this.sessionId && message.method === method) {
                    this.browser.listeners = this.browser.listeners.filter((each) => each !== listener);
                    resolve(message.params);
                }
            };

            this.browser.listeners.push(listener);
        });
    }

    send(method, params) {
        return this.browser.send(method, params, this.sessionId);
    }

    async look({ width, height, dark }) {
        await this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: width < 600 });
        await this.send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }] });
    }

    // The value of an expression, or of a function that is called in the page.
    async value(what, ...args) {
        const expression = typeof what === "function" ? `(${what})(...${JSON.stringify(args)})` : what;
        const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });

        if (exceptionDetails) {
            throw new Error(`${exceptionDetails.text} ${exceptionDetails.exception.description}`);
        }
        return result.value;
    }

    async mouse(type, x, y) {
        await this.send("Input.dispatchMouseEvent", { type, x, y, button: type === "mouseMoved" ? "none" : "left", clickCount: 1 });
    }

    // The middle of what the selector finds first, scrolled into view; or the point at these shares of it.
    async place(selector, across = 0.5, down = 0.5) {
        const box = await this.value((css) => {
            const element = document.querySelector(css);

            element.scrollIntoView({ block: "center" });
            const { left, top, width, height } = element.getBoundingClientRect();

            return { left, top, width, height };
        }, selector);

        return [box.left + box.width * across, box.top + box.height * down];
    }

    async click(selector) {
        const [x, y] = await this.place(selector);

        await this.mouse("mousePressed", x, y);
        await this.mouse("mouseReleased", x, y);
    }

    async hover(selector, across, down) {
        await this.mouse("mouseMoved", ...await this.place(selector, across, down));
    }

    async key(key, code) {
        for (const type of ["keyDown", "keyUp"]) {
            await this.send("Input.dispatchKeyEvent", { type, key, code: key, windowsVirtualKeyCode: code, text: key === "Enter" ? "\r" : undefined });
        }
    }

    async screenshot(file) {
        const { cssContentSize } = await this.send("Page.getLayoutMetrics");
        const { data } = await this.send("Page.captureScreenshot",
                                         { format: "png", captureBeyondViewport: true,
                                           clip: { x: 0, y: 0, width: cssContentSize.width, height: Math.min(cssContentSize.height, 16000), scale: 1 } });

        fs.writeFileSync(file, Buffer.from(data, "base64"));
    }

    async pdf(file) {
        const { data } = await this.send("Page.printToPDF", { printBackground: false, preferCSSPageSize: true });

        fs.writeFileSync(file, Buffer.from(data, "base64"));
    }

    async close() {
        await this.browser.send("Target.closeTarget", { targetId: this.targetId });
    }
}

module.exports = { Chromium };
