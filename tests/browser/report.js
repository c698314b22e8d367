// SPDX-License-Identifier: GPL-3.0-or-later
// report: looks at report.html in a headless Chromium as people do: it is drawn, sorts, answers to pointer and keys, switches
// series, prints, complains of nothing and asks for nothing. Usage: node report.js EVSIM CHROMIUM [PICTURES], where pictures go.
"use strict";

const assert = require("assert");
const { execFileSync } = require("child_process");
const fs = require("fs");
const os = require("os");
const path = require("path");
const { Chromium } = require("./chromium.js");

const SAMPLE = "tests/data/sample.csv.zst";
const SECOND = 1000, MOST_BYTES = 3000000;

const [evsim, chromium, pictures] = process.argv.slice(2);

if (pictures)
    fs.mkdirSync(pictures, { recursive: true });
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "evsim-pages-"));
let browser;

// The folder of a run of the sample.
function run(name, ...options) {
    const out = path.join(folder, name);

    execFileSync(evsim, ["run", SAMPLE, ...options, "-o", out], { stdio: ["ignore", "ignore", "pipe"] });
    return out;
}

const addressOf = (out) => `file://${path.join(out, "report.html")}`;

// A file of the run's CSV as objects.
function readCsv(file) {
    const [head, ...lines] = fs.readFileSync(file, "utf8").trim().split("\n").map((line) => line.split(","));

    return lines.map((line) => Object.fromEntries(head.map((name, i) => [name, line[i]])));
}

// Blocks of rows of numbers.
function readData(file) {
    return fs.readFileSync(file, "utf8").split("\n\n\n")
        .map((block) => block.split("\n").filter((line) => line && line[0] !== "#").map((line) => line.split(" ").map(Number)));
}

// Whether what a screen reader stops at has a name. Returns who finds all of a role.
async function checkNames(page) {
    const { nodes } = await page.send("Accessibility.getFullAXTree");
    const named = (role) => nodes.filter((node) => !node.ignored && node.role && node.role.value === role);
    const nameOf = (node) => node.name && node.name.value;

    for (const role of ["button", "checkbox", "image", "link", "table", "region", "figure", "columnheader"]) {
        for (const node of named(role).filter((each) => !nameOf(each))) {
            // a figure is named by its caption where it has one; a heat map's corner is empty
            assert(role === "columnheader" || role === "figure", `a ${role} without a name`);
        }
    }
    return named;
}

// ---- what is looked at; each has a page of its own ----

const looks = {
    async "40 cells are small, drawn within a second, without a complaint or a request"({ forty }) {
        assert(fs.statSync(path.join(forty, "report.html")).size < MOST_BYTES);
        // a clock of the page's thread: what else the machine does is not the page's fault
        const times = [], walls = [];

        for (let i = 0; i < 5; i++) {
            const page = await browser.open(addressOf(forty));
            const wall = await page.value(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(performance.now())))));
            const { metrics } = await page.send("Performance.getMetrics");
            const time = metrics.find((each) => each.name === "TaskDuration").value * 1000;

            assert.strictEqual(await page.value("document.documentElement.dataset.ready"), "yes");
            assert.deepStrictEqual(page.complaints, []);
            assert.deepStrictEqual(page.requests.filter((url) => !url.startsWith("data:")), [addressOf(forty)]);
            times.push(time);
            walls.push(wall);
            await page.close();
        }
        times.sort((a, b) => a - b);
        console.log(`    drawn after ${walls.map(Math.round).join(", ")} ms, ${times.map(Math.round).join(", ")} ms of them the page's own`);
        assert(times[0] < SECOND, `the quickest of five took ${times[0]} ms`);
    },

    async "every figure is drawn, a line for each policy"({ forty }) {
        const page = await browser.open(addressOf(forty));
        const drawn = await page.value(() => Array.from(document.querySelectorAll("figure"), (figure) => ({
            name: figure.id.replace("figure-", ""), panels: figure.querySelectorAll(".panel").length,
            svgs: figure.querySelectorAll(".panel > svg").length, lines: figure.querySelectorAll(".panel .line, .panel .area").length,
            labels: Array.from(figure.querySelectorAll("svg[role=img]"), (svg) => svg.getAttribute("aria-label").length) })));
        const files = fs.readdirSync(path.join(forty, "figures")).filter((file) => file.endsWith(".dat")).map((file) => file.slice(0, -4));

        assert.deepStrictEqual(drawn.map((figure) => figure.name).sort(), files.sort());
        for (const figure of drawn) {
            assert(figure.panels > 0 && figure.svgs === figure.panels, figure.name);
            assert(figure.lines >= figure.panels, figure.name);
            assert(figure.labels.length === figure.panels && figure.labels.every((length) => length > 30), figure.name);
        }
        const memory = drawn.find((figure) => figure.name === "memory");

        assert.strictEqual(memory.panels, 5);
        assert.strictEqual(await page.value("document.querySelectorAll('#figure-memory .panel .line').length"), 40);
        await page.close();
    },

    async "lines go through the points of their data files"({ forty }) {
        const page = await browser.open(addressOf(forty));
        const [first] = readData(path.join(forty, "figures/hit-ratio.dat"));
        const points = await page.value((rows) => {
            const svg = document.querySelector("#figure-hit-ratio svg[role=img]"), path = svg.querySelector(".line").getAttribute("d");
            const texts = Array.from(svg.querySelectorAll("text[text-anchor=end]"), (text) => [parseFloat(text.textContent), Number(text.getAttribute("y")) - 4]);
            const [[low, lowAt], [high, highAt]] = [texts[0], texts[texts.length - 1]];

            // every V and M of the path is a value: back from pixels by two ticks of the axis
            const values = Array.from(path.matchAll(/(?:M[\d.]+ |V)([\d.]+)/g), (match) => low + (Number(match[1]) - lowAt) / (highAt - lowAt) * (high - low));

            return { values, rows: rows.length };
        }, first);
        const expected = first.map((row) => row[1] * 100).filter((value) => !Number.isNaN(value));

        assert.strictEqual(points.values.length, expected.length);
        points.values.forEach((value, i) => assert(Math.abs(value - expected[i]) < 0.05, `${value} is not ${expected[i]}`));
        await page.close();
    },

    async "a title sorts by the exact numbers, back, and as it was"({ forty }) {
        const page = await browser.open(addressOf(forty));
        const summary = readCsv(path.join(forty, "summary.csv"));
        const column = () => page.value(() => Array.from(document.querySelectorAll("#results ~ .scroll table")[0].rows).slice(1)
            .map((row) => [row.cells[0].textContent, Number(row.cells[2].dataset.value)]));
        const before = await column(), button = "#results ~ .scroll thead th:nth-child(3) button";
        const order = () => page.value("document.querySelector('#results ~ .scroll thead th:nth-child(3)').getAttribute('aria-sort')");

        assert.strictEqual(before.length, 40);
        await page.click(button);
        assert.strictEqual(await order(), "descending");
        const sorted = await column(), values = sorted.map((row) => row[1]);

        assert.deepStrictEqual(values, values.slice().sort((a, b) => b - a));
        // means over the seeds, of summary.csv
        const means = new Map();

        for (const row of summary) {
            const key = `${row.policy} ${row.maxmemory}`;

            means.set(key, (means.get(key) || []).concat(Number(row.hit_ratio)));
        }
        const expected = Array.from(means.values(), (each) => each.reduce((a, b) => a + b) / each.length).sort((a, b) => b - a);

        values.forEach((value, i) => assert(Math.abs(value - expected[i]) < 1e-12));
        await page.value("document.querySelector('#results ~ .scroll thead th:nth-child(3) button').focus()");
        await page.key("Enter", 13);
        assert.strictEqual(await order(), "ascending");
        assert.deepStrictEqual((await column()).map((row) => row[1]), values.slice().sort((a, b) => a - b));
        await page.key("Enter", 13);
        assert.strictEqual(await order(), null);
        assert.deepStrictEqual(await column(), before);
        assert.strictEqual(await page.value("document.querySelector('#results ~ .scroll table').tBodies.length"), 5);
        assert.deepStrictEqual(page.complaints, []);
        await page.close();
    },

    async "the pointer and the keys read the values"({ plain }) {
        const page = await browser.open(addressOf(plain));
        const blocks = readData(path.join(plain, "figures/memory.dat"));
        const tip = () => page.value(() => {
            const element = document.querySelector("#figure-memory .panel .tip");

            return element.hidden ? null : element.textContent;
        });

        assert.strictEqual(await tip(), null);
        await page.hover("#figure-memory .panel svg[role=img]", 0.6, 0.5);
        assert.match(await tip(), /allkeys-lru.*MiB/);
        await page.mouse("mouseMoved", 1, 1);
        assert.strictEqual(await tip(), null);
        await page.value("document.querySelector('#figure-memory .panel').focus()");
        await page.key("End", 35);
        const last = blocks[0][blocks[0].length - 1];

        assert((await tip()).includes(` ${Number((last[1] / 1048576).toPrecision(4))} MiB`));
        await page.key("Home", 36);
        assert((await tip()).includes(` ${Number((blocks[0][0][1] / 1024).toPrecision(4))} KiB`));
        const first = await tip();

        await page.key("ArrowRight", 39);
        assert.notStrictEqual(await tip(), first);
        await page.key("ArrowLeft", 37);
        assert.strictEqual(await tip(), first);
        assert.strictEqual(await page.value("document.querySelector('#figure-memory .tip').getAttribute('aria-live')"), "polite");
        await page.key("Escape", 27);
        assert.strictEqual(await tip(), null);
        assert.deepStrictEqual(page.complaints, []);
        await page.close();
    },

    async "every figure answers at every place, and its data are those of its file"({ everything }) {
        const page = await browser.open(addressOf(everything));
        const names = await page.value("Array.from(document.querySelectorAll('figure'), (figure) => figure.id.slice(7))");

        for (const name of names) {
            const panels = await page.value((id) => document.querySelectorAll(`#figure-${id} .panel svg[role=img]`).length, name);

            for (const across of panels ? [0.01, 0.2, 0.5, 0.8, 0.99] : []) {
                await page.hover(`#figure-${name} .panel svg[role=img]`, across, 0.5);
                assert.match(await page.value((id) => document.querySelector(`#figure-${id} .tip`).textContent, name), /\d/, `${name} at ${across}`);
            }
            assert.deepStrictEqual(page.complaints, [], name);
        }
        // a page's table of data has the numbers of the file
        const cells = await page.value(() => {
            const details = document.querySelector("#figure-memory details");

            details.open = true;
            return new Promise((resolve) => setTimeout(() => resolve(Array.from(details.querySelector("table").tBodies[0].rows,
                (row) => Array.from(row.cells, (cell) => Number(cell.textContent)))), 100));
        });
        const blocks = readData(path.join(everything, "figures/memory.dat"));

        assert.deepStrictEqual(cells.map((row) => row.slice(0, 2)), blocks[0].map((row) => row.slice(0, 2)));
        await page.close();
    },

    async "a switch hides a policy in all figures, and the axis follows"({ plain }) {
        const page = await browser.open(addressOf(plain));
        const lines = (name) => page.value((id) => document.querySelectorAll(`#figure-${id} .panel .line`).length, name);
        const [memory, hits] = [await lines("memory"), await lines("hit-ratio")];
        const panels = await page.value("document.querySelectorAll('#figure-memory .panel').length");

        await page.click("#figure-memory .legend label:nth-of-type(1)");
        assert.strictEqual(await lines("memory"), memory - panels);
        assert.strictEqual(await lines("hit-ratio"), hits - panels);
        assert.strictEqual(await page.value("document.querySelector('#figure-hit-ratio .legend input').checked"), false);
        await page.value("document.querySelector('#figure-hit-ratio .legend input').focus()");
        await page.key(" ", 32);
        assert.strictEqual(await lines("memory"), memory);
        await page.click("#figure-memory .legend button:nth-of-type(2)");
        assert.strictEqual(await lines("memory"), 0);
        await page.hover("#figure-memory .panel svg[role=img]", 0.5, 0.5);
        await page.click("#figure-memory .legend button:nth-of-type(1)");
        assert.strictEqual(await lines("memory"), memory);
        // of a stack: the part alone
        const areas = await page.value("document.querySelectorAll('#figure-memory-by-part .area').length");

        await page.click("#figure-memory-by-part .legend label:nth-of-type(1)");
        assert(await page.value("document.querySelectorAll('#figure-memory-by-part .panel .area').length") < areas);
        assert.strictEqual(await lines("memory"), memory);
        assert.deepStrictEqual(page.complaints, []);
        await page.close();
    },

    async "runs side by side have one scale, and one switch"({ beside }) {
        const page = await browser.open(addressOf(beside));
        const ticks = (figure) => page.value((id) => Array.from(document.querySelectorAll(`#${id} svg[role=img] text[text-anchor=end]`), (text) => text.textContent), figure);
        const lines = (figure) => page.value((id) => document.querySelectorAll(`#${id} .panel .line`).length, figure);

        for (const name of ["figure-hit-ratio", "figure-hit-ratio-by-maxmemory"]) {
            const [one, other] = [await ticks(`${name}-1`), await ticks(`${name}-2`)];

            assert(one.length > 2);
            assert.deepStrictEqual(Array.from(new Set(one)), Array.from(new Set(other)));
        }
        const before = [await lines("figure-memory-1"), await lines("figure-memory-2")];

        await page.click("#figure-memory-1 .legend label:nth-of-type(1)");
        assert((await lines("figure-memory-1")) < before[0] && (await lines("figure-memory-2")) < before[1]);
        await page.hover("#figure-memory-2 .panel svg[role=img]", 0.5, 0.5);
        assert.match(await page.value("document.querySelector('#figure-memory-2 .tip').textContent"), /MiB/);
        assert.deepStrictEqual(page.complaints, []);
        await page.close();
    },

    async "a diagnosis is drawn, sorts, and complains of nothing"({ doctor }) {
        const page = await browser.open(`file://${path.join(doctor, "doctor.html")}`);
        const column = () => page.value("Array.from(document.querySelectorAll('#remedies ~ .scroll tbody tr'), (row) => Number(row.cells[2].dataset.value))");
        const svgs = await page.value("document.querySelectorAll('figure svg[role=img]').length");

        assert(svgs >= 4);
        await page.click("#remedies ~ .scroll thead th:nth-child(3) button");
        const values = await column();

        assert(values.length > 3);
        assert.deepStrictEqual(values, values.slice().sort((a, b) => b - a));
        await page.hover("#figure-memory-by-part .panel svg[role=img]", 0.5, 0.5);
        assert.match(await page.value("document.querySelector('#figure-memory-by-part .tip').textContent"), /MiB/);
        assert.deepStrictEqual(page.complaints, []);
        assert.deepStrictEqual(page.requests.filter((url) => !url.startsWith("data:")), [`file://${path.join(doctor, "doctor.html")}`]);
        await page.look({ width: 400, height: 900, dark: true });
        assert.strictEqual(await page.value("document.documentElement.scrollWidth"), 400);
        await page.close();
    },

    async "pages of mrc, size, inspect and what-if sort, are read aloud, and fit a phone"({ articles }) {
        for (const [name, file] of Object.entries(articles)) {
            const page = await browser.open(`file://${file}`);
            const figures = await page.value("document.querySelectorAll('figure svg[role=img]').length");

            assert.strictEqual(figures > 0, name === "mrc" || name === "size", name);
            if (figures) {
                await page.hover("figure .panel svg[role=img]", 0.5, 0.5);
                assert.match(await page.value("document.querySelector('.tip').textContent"), /%/);
                assert((await page.value("document.querySelector('figure svg[role=img]').getAttribute('aria-label')")).length > 20);
            }
            await page.click("table.sortable thead th:nth-child(2) button");
            const values = await page.value("Array.from(document.querySelector('table.sortable').tBodies[0].rows, (row) => Number(row.cells[1].dataset.value)).filter((value) => !Number.isNaN(value))");

            assert(values.length > 0, name);
            assert.deepStrictEqual(values, values.slice().sort((a, b) => b - a), name);
            await checkNames(page);
            assert.deepStrictEqual(page.complaints, [], name);
            assert.deepStrictEqual(page.requests.filter((url) => !url.startsWith("data:")), [`file://${file}`]);
            await page.look({ width: 400, height: 900, dark: true });
            assert.strictEqual(await page.value("document.documentElement.scrollWidth"), 400, name);
            await page.close();
        }
    },

    async "screen readers find names for everything"({ everything }) {
        const page = await browser.open(addressOf(everything));
        const named = await checkNames(page);

        assert(named("checkbox").length > 8);
        assert(named("rowheader").length >= 8);
        assert.strictEqual(named("heading").filter((node) => node.properties.some((each) => each.name === "level" && each.value.value === 1)).length, 1);
        const levels = await page.value("Array.from(document.querySelectorAll('h1,h2,h3,h4'), (head) => Number(head.tagName[1]))");

        levels.forEach((level, i) => assert(i === 0 || level <= levels[i - 1] + 1, "a level of headings is left out"));
        await page.close();
    },

    async "nothing is wider than a phone, and it is dark where the system is"({ everything }) {
        for (const dark of [false, true]) {
            const page = await browser.open(addressOf(everything), { width: 400, dark });
            const [ground, ink] = await page.value("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]");
            const brightness = (colour) => colour.match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3;

            assert.strictEqual(await page.value("document.documentElement.scrollWidth"), 400);
            assert(dark ? brightness(ground) < 60 && brightness(ink) > 180 : brightness(ground) > 240 && brightness(ink) < 60);
            await page.close();
        }
    },

    async "it prints: light, without switches, with every setting, and folds them again"({ everything }) {
        const page = await browser.open(addressOf(everything), { dark: true });
        const file = path.join(pictures || folder, "report.pdf");

        await page.pdf(file);
        const bytes = fs.readFileSync(file);

        assert(bytes.subarray(0, 5).toString() === "%PDF-" && bytes.length > 50000);
        assert.strictEqual(await page.value("document.querySelectorAll('details[open]').length"), 0);
        const text = execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8", maxBuffer: 1 << 26 });

        for (const word of ["In words", "allkeys-lru", "Every setting in force", "maxmemory-samples", "used_memory over time"]) {
            assert(text.includes(word), `the print lacks "${word}"`);
        }
        await page.send("Emulation.setEmulatedMedia", { media: "print", features: [{ name: "prefers-color-scheme", value: "dark" }] });
        assert.strictEqual(await page.value("getComputedStyle(document.querySelector('.legend input')).display"), "none");
        assert.match(await page.value("getComputedStyle(document.body).backgroundColor"), /rgb\(255, 255, 255\)/);
        assert.deepStrictEqual(page.complaints, []);
        await page.close();
    },

    async "a name runs nothing, nor does a script that comes into the page"() {
        const evil = path.join(folder, "evil"), trace = path.join(evil, "<img src=x onerror=document.title='run'>.csv");

        fs.mkdirSync(evil);
        fs.writeFileSync(trace, "time,key,op,value-size\n1,</script><script>document.title='run'</script>:a,SET,10\n2,a,GET,10\n9,b,SET,20\n");
        execFileSync(evsim, ["run", trace, "-m", "2mb,4mb", "-p", "allkeys-lru,noeviction", "--by", "prefix", "-o", evil],
                     { stdio: ["ignore", "ignore", "pipe"] });
        const page = await browser.open(addressOf(evil));

        assert.match(await page.value("document.title"), /^evsim: .*<img/);
        assert.strictEqual(await page.value("document.querySelectorAll('img').length"), 0);
        assert.deepStrictEqual(page.complaints, []);
        await page.value("document.body.append(Object.assign(document.createElement('script'), { textContent: \"document.title = 'run'\" }))");
        assert.notStrictEqual(await page.value("document.title"), "run");
        assert.match(page.complaints.join(), /Content Security Policy/);
        await page.close();
    },

    async "without scripts, text and tables are there"({ plain }) {
        const page = await browser.open("about:blank");

        await page.send("Emulation.setScriptExecutionDisabled", { value: true });
        const loaded = page.event("Page.loadEventFired");

        await page.send("Page.navigate", { url: addressOf(plain) });
        await loaded;
        await page.send("Emulation.setScriptExecutionDisabled", { value: false });
        assert.strictEqual(await page.value("document.querySelectorAll('#results ~ .scroll tbody tr').length > 20"), true);
        assert.match(await page.value("document.querySelector('noscript').textContent"), /figures\//);
        await page.close();
    },
};

// ---- all of them ----

async function takePictures(runs) {
    const { articles, ...folders } = runs;
    const addresses = Object.entries(folders).map(([name, out]) => [name, name === "doctor" ? `file://${path.join(out, "doctor.html")}` : addressOf(out)])
        .concat(Object.entries(articles).map(([name, file]) => [name, `file://${file}`]));

    for (const [name, address] of addresses) {

        for (const width of [1280, 400]) {
            for (const dark of [false, true]) {
                const page = await browser.open(address, { width, dark });

                await page.screenshot(path.join(pictures, `${name}-${width}-${dark ? "dark" : "light"}.png`));
                await page.close();
            }
        }
    }
}

async function main() {
    let failed = 0;
    const runs = {
        plain: run("plain", "-m", "1536kb,2mb,3mb"),
        forty: run("forty", "-m", "1200kb,1400kb,1536kb,2mb,3mb", "--seeds", "3"),
        everything: run("everything", "-m", "1536kb,2mb", "-p", "allkeys-lru,allkeys-lfu,noeviction", "-s", "redis-7.2.6,valkey", "--by", "prefix",
                        "--shards", "2", "--warmup", "20m", "--rss", "--seeds", "2"),
    };

    runs.beside = path.join(folder, "beside");
    runs.doctor = path.join(folder, "doctor");
    execFileSync(evsim, ["doctor", SAMPLE, "-m", "1536kb", "-p", "noeviction", "-o", runs.doctor], { stdio: ["ignore", "ignore", "pipe"] });
    runs.articles = {};
    for (const [name, file, ...command] of [["mrc", "mrc.html", "mrc", SAMPLE, "-p", "lru,sieve"],
                                            ["size", "size.html", "size", SAMPLE, "-p", "allkeys-lru,noeviction", "-g", "hit_ratio>=0.7", "--seeds", "2"],
                                            ["inspect", "inspect.html", "inspect", SAMPLE],
                                            ["what-if", "comparison.html", "run", SAMPLE, "-m", "2mb", "-p", "allkeys-lru", "--seeds", "2", "--what-if", "maxmemory 3mb"]]) {
        execFileSync(evsim, [...command, "--figures", "none", "-o", path.join(folder, name)], { stdio: ["ignore", "ignore", "pipe"] });
        runs.articles[name] = path.join(folder, name, file);
    }
    execFileSync(evsim, ["report", runs.plain, runs.everything, "--side-by-side", "-o", runs.beside], { stdio: ["ignore", "ignore", "pipe"] });
    browser = new Chromium(chromium);
    for (const [name, look] of Object.entries(looks)) {
        try {
            await look(runs);
            console.log(`ok      ${name}`);
        } catch (error) {
            failed++;
            console.log(`FAILED  ${name}\n${error.stack}`);
        }
    }
    if (pictures)
        await takePictures(runs);
    await browser.close();
    fs.rmSync(folder, { recursive: true, force: true });
    console.log(`${Object.keys(looks).length - failed} passed, ${failed} failed`);
    process.exit(failed ? 1 : 0);
}

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
