/* SPDX-License-Identifier: GPL-3.0-or-later */
/* page: brings the page to life: tables that sort, figures with their legends and data, everything open on paper. */
"use strict";

const hiddenPolicies = new Set();
const figuresOfPolicies = [];

/* ---- a figure and its panels ---- */

/* The figure's panels, each with its blocks of data. */
function takesOf(figure) {
    let next = 0;

    return figure.panels.map((panel) => {
        const count = panel.series ? panel.series.length : 1, blocks = figure.whole.slice(next, next + count);

        next += count;
        return { figure, panel, blocks, shown: panel.series ? blocks.filter((_, i) => isShown(figure, panel.series[i])) : blocks };
    });
}

/* What a kind needs besides its panel: the range of all panels, also of the other runs; or where each panel has its own, of this
 * one and its twins there. */
function chartsOf(figure) {
    const takes = takesOf(figure), whole = figure.whole;
    const everywhere = figure.peers.flatMap((peer) => peer === figure ? takes : takesOf(peer));
    const all = everywhere.flatMap((take) => take.shown);
    const twins = (take) => everywhere.filter((other) => other.panel.title === take.panel.title).flatMap((other) => other.shown);

    if (figure.kind === "stacked") {
        const sums = (of, block) => block[0].map((_, row) => of.parts.reduce((sum, part, i) =>
            sum + (isShown(of, i) ? block[i + 1][row] || 0 : 0), 0));
        const limits = (of, block) => of.scale === "rate" ? [] : block[of.parts.length + 1];
        const range = rangeOf(everywhere.flatMap((take) => take.shown.flatMap((block) => [sums(take.figure, block), limits(take.figure, block)])));

        return takes.map(({ panel, blocks }) => chartStacked(figure, panel, blocks[0], range));
    }
    if (figure.kind === "over-time") {
        const holds = figure.scale !== "percent" && figure.scale !== "rate";
        const values = (blocks) => rangeOf(blocks.flatMap((block) => holds ? [block[1], block[2]] : [block[1]]));

        return takes.map((take) => chartOverTime(figure, take.panel, take.blocks, values(holds ? twins(take) : all)));
    }
    if (figure.kind === "by-maxmemory") {
        const ends = all.flatMap((block) => [block[1], block[1].map((value, i) => value === null ? null : value - (block[2][i] || 0)),
                                             block[1].map((value, i) => value === null ? null : value + (block[2][i] || 0))]);

        return takes.map(({ panel, blocks }) => chartBySize(figure, panel, blocks, rangeOf(ends)));
    }
    if (figure.kind === "evictions") {
        const span = rangeOf(figure.peers.flatMap((peer) => peer.whole.map((block) => block[0])));

        return takes.map(({ panel, blocks }) => chartOfEvictions(figure, panel, blocks, null, span));
    }
    return takes.map(({ panel, blocks }) => chartOfShards(figure, panel, blocks, rangeOf(all.map((block) => block[1]))));
}

function drawPanel(figure, place, chart) {
    const { element, tip } = figure.elements[place], old = element.querySelector("svg");
    const svg = make("svg", { viewBox: `0 0 ${BOX.width} ${BOX.height}`, role: "img",
                              "aria-label": `${figure.label}, ${figure.panels[place].title}. ${chart.words()}` });

    drawAxes(svg, chart.x, chart.y, figure.axes);
    chart.draw(svg);
    followCursor(element, svg, tip, chart);
    if (old) {
        old.replaceWith(svg);
    } else {
        element.insertBefore(svg, tip);
    }
    figure.elements[place].chart = chart;
}

function drawFigure(figure) {
    chartsOf(figure).forEach((chart, place) => drawPanel(figure, place, chart));
    if (figure.dataElement && figure.dataElement.open) {
        fillData(figure);
    }
}

/* ---- its data as tables ---- */

function fillData(figure) {
    const scroll = figure.dataElement.querySelector(".scroll");

    scroll.textContent = "";
    figure.elements.forEach(({ chart }, place) => {
        const table = makeHtml("table", {}, scroll), head = makeHtml("tr", {}, makeHtml("thead", {}, table));
        const body = makeHtml("tbody", {}, table);

        makeHtml("caption", {}, table, `${figure.panels[place].title} (${figure.column})`);
        chart.heads.forEach((name) => makeHtml("th", { scope: "col" }, head, name));
        chart.anchors.forEach((_, i) => {
            const row = makeHtml("tr", {}, body);

            chart.row(i).forEach((value, column) => makeHtml(column ? "td" : "th", column ? {} : { scope: "row" }, row,
                                                             value === null ? "" : String(value)));
        });
    });
}

function addData(figure) {
    const details = makeHtml("details", { class: "data" }, figure.element);

    makeHtml("summary", {}, details, `Data of ${figure.label}`);
    makeHtml("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `data of ${figure.label}` }, details);
    details.addEventListener("toggle", () => details.open && fillData(figure));
    figure.dataElement = details;
}

/* ---- its legend, with a switch for each series ---- */

function redraw(figure) {
    const figures = figure.parts ? figure.peers : figuresOfPolicies;

    for (const each of figures) {
        for (const box of each.boxes) {
            box.checked = isShown(each, Number(box.value));
        }
        drawFigure(each);
    }
}

function addLegend(figure) {
    const keyOf = (i) => figure.parts ? i : figure.run.policies[i].name;
    const isArea = Boolean(figure.parts), looks = figure.parts || figure.run.policies;
    const used = looks.map((look, i) => isArea ? look.occurs : figure.panels.some((panel) => panel.series.includes(i)));
    const legend = makeHtml("fieldset", { class: "legend" }, figure.element);

    makeHtml("legend", { class: "unseen" }, legend, isArea ? `parts of ${figure.label}` : `policies, in all figures`);
    figure.boxes = [];
    looks.forEach((look, i) => {
        if (!used[i]) {
            return;
        }
        const label = makeHtml("label", {}, legend), box = makeHtml("input", { type: "checkbox", value: i }, label);

        box.checked = isShown(figure, i);
        drawSwatch(label, look, isArea);
        label.append(look.name);
        box.addEventListener("change", () => {
            figure.hidden[box.checked ? "delete" : "add"](keyOf(i));
            redraw(figure);
        });
        figure.boxes.push(box);
    });
    if (figure.boxes.length > 2) {
        for (const [text, act] of [["all", (i) => figure.hidden.delete(keyOf(i))], ["none", (i) => figure.hidden.add(keyOf(i))]]) {
            makeHtml("button", { type: "button" }, legend, text).addEventListener("click", () => {
                figure.boxes.forEach((box) => act(Number(box.value)));
                redraw(figure);
            });
        }
    }
}

/* ---- all of them ---- */

function addPanels(figure) {
    const grid = makeHtml("div", { class: figure.panels.length > 1 ? "panels" : "panels alone" }, figure.element);

    figure.elements = figure.panels.map((panel) => {
        const element = makeHtml("div", { class: "panel" }, grid);

        makeHtml("h4", {}, element, panel.title);
        if (figure.kind === "heat") {
            return { element };
        }
        element.tabIndex = 0;
        element.setAttribute("role", "group");
        element.setAttribute("aria-label", `${figure.label}, ${panel.title}: arrow keys read the values`);
        const tip = makeHtml("div", { class: "tip" }, element);

        tip.hidden = true;
        return { element, tip };
    });
}

/* What the figure has before any of them is drawn: its data, its place, the same figure of all runs. */
function prepareFigure(entry, run, place) {
    const figure = { ...entry.layout, run, blocks: entry.blocks, whole: expandBlocks(entry.blocks) };

    figure.element = document.getElementById(page.runs.length > 1 ? `figure-${figure.name}-${place + 1}` : `figure-${figure.name}`);
    figure.label = page.runs.length > 1 ? `${run.name}: ${figure.title}` : figure.title;
    return figure;
}

/* The parts of a stack may be others in another run: then each has switches of its own. */
function joinPeers(figure, all) {
    const same = (other) => JSON.stringify((other.parts || []).map((part) => part.name)) === JSON.stringify((figure.parts || []).map((part) => part.name));

    figure.peers = all.filter((other) => other.name === figure.name && other.scale === figure.scale && same(other));
    figure.hidden = !figure.parts ? hiddenPolicies : figure === figure.peers[0] ? new Set() : figure.peers[0].hidden;
}

function addFigure(figure) {
    if (figure.kind === "heat") {
        addPanels(figure);
        figure.panels.forEach((panel, i) => makeHeat(figure, panel, figure.whole[i], figure.elements[i].element));
        return;
    }
    if (!figure.parts) {
        figuresOfPolicies.push(figure);
    }
    addLegend(figure);
    addPanels(figure);
    drawFigure(figure);
    addData(figure);
}

/* Paper has no switches: what is folded is opened, and folded again behind it. */
function openOnPaper() {
    let opened = [];

    window.addEventListener("beforeprint", () => {
        opened = Array.from(document.querySelectorAll("details:not([open]):not(.data)"));
        opened.forEach((details) => details.setAttribute("open", ""));
    });
    window.addEventListener("afterprint", () => opened.forEach((details) => details.removeAttribute("open")));
}

document.querySelectorAll("table.sortable").forEach(makeSortable);
page.sizes = [...new Set(page.runs.flatMap((run) => run.sizes || []))].sort((a, b) => (a || Infinity) - (b || Infinity));
page.duration_s = Math.max(0, ...page.runs.map((run) => run.time ? run.time.duration_s : 0));

const figures = page.runs.flatMap((run, place) => run.figures.map((entry) => prepareFigure(entry, run, place)));

figures.forEach((figure) => joinPeers(figure, figures));
figures.forEach(addFigure);
openOnPaper();
document.documentElement.dataset.ready = "yes";
