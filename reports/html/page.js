/* SPDX-License-Identifier: GPL-3.0-or-later */
/* page: brings the page to life: tables that sort, figures with their legends and data, everything open on paper. */
"use strict";

const hiddenPolicies = new Set();
const figuresOfPolicies = [];

/* ---- a figure and its panels ---- */

/* What a kind needs besides its panel: the range of all panels, or where each has its own, of this one. */
function chartsOf(figure) {
    const whole = figure.whole;
    let next = 0;

    const takes = figure.panels.map((panel) => {
        const count = panel.series ? panel.series.length : 1, blocks = whole.slice(next, next + count);

        next += count;
        return { panel, blocks };
    });
    const shown = ({ panel, blocks }) => panel.series ? blocks.filter((_, i) => isShown(figure, panel.series[i])) : blocks;
    const all = takes.flatMap(shown);

    if (figure.kind === "stacked") {
        const sums = (block) => block[0].map((_, row) => figure.parts.reduce((sum, part, i) =>
            sum + (isShown(figure, i) ? block[i + 1][row] || 0 : 0), 0));
        const limits = (block) => figure.scale === "rate" ? [] : block[figure.parts.length + 1];
        const range = rangeOf(all.flatMap((block) => [sums(block), limits(block)]));

        return takes.map(({ panel, blocks }) => chartStacked(figure, panel, blocks[0], range));
    }
    if (figure.kind === "over-time") {
        const holds = figure.scale !== "percent" && figure.scale !== "rate";
        const values = (blocks) => rangeOf(blocks.flatMap((block) => holds ? [block[1], block[2]] : [block[1]]));

        return takes.map((take) => chartOverTime(figure, take.panel, take.blocks, values(holds ? shown(take) : all)));
    }
    if (figure.kind === "by-maxmemory") {
        const ends = all.flatMap((block) => [block[1], block[1].map((value, i) => value === null ? null : value - (block[2][i] || 0)),
                                             block[1].map((value, i) => value === null ? null : value + (block[2][i] || 0))]);

        return takes.map(({ panel, blocks }) => chartBySize(figure, panel, blocks, rangeOf(ends)));
    }
    if (figure.kind === "evictions") {
        const span = rangeOf(whole.map((block) => block[0]));

        return takes.map(({ panel, blocks }) => chartOfEvictions(figure, panel, blocks, null, span));
    }
    return takes.map(({ panel, blocks }) => chartOfShards(figure, panel, blocks, rangeOf(all.map((block) => block[1]))));
}

function drawPanel(figure, place, chart) {
    const { element, tip } = figure.elements[place], old = element.querySelector("svg");
    const svg = make("svg", { viewBox: `0 0 ${BOX.width} ${BOX.height}`, role: "img",
                              "aria-label": `${figure.title}, ${figure.panels[place].title}. ${chart.words()}` });

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

    makeHtml("summary", {}, details, `Data of ${figure.title}`);
    makeHtml("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `data of ${figure.title}` }, details);
    details.addEventListener("toggle", () => details.open && fillData(figure));
    figure.dataElement = details;
}

/* ---- its legend, with a switch for each series ---- */

function redraw(figure) {
    const figures = figure.parts ? [figure] : figuresOfPolicies;

    for (const each of figures) {
        for (const box of each.boxes) {
            box.checked = isShown(each, Number(box.value));
        }
        drawFigure(each);
    }
}

function addLegend(figure) {
    const isArea = Boolean(figure.parts), looks = figure.parts || page.policies;
    const used = looks.map((look, i) => isArea ? look.occurs : figure.panels.some((panel) => panel.series.includes(i)));
    const legend = makeHtml("fieldset", { class: "legend" }, figure.element);

    makeHtml("legend", { class: "unseen" }, legend, isArea ? `parts of ${figure.title}` : `policies, in all figures`);
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
            figure.hidden[box.checked ? "delete" : "add"](i);
            redraw(figure);
        });
        figure.boxes.push(box);
    });
    if (figure.boxes.length > 2) {
        for (const [text, act] of [["all", (i) => figure.hidden.delete(i)], ["none", (i) => figure.hidden.add(i)]]) {
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
        element.setAttribute("aria-label", `${figure.title}, ${panel.title}: arrow keys read the values`);
        const tip = makeHtml("div", { class: "tip" }, element);

        tip.hidden = true;
        return { element, tip };
    });
}

function addFigure(figure) {
    const parent = document.getElementById(`figure-${figure.name}`);

    figure.whole = expandBlocks(figure.blocks);
    figure.element = parent;
    figure.hidden = figure.parts ? new Set() : hiddenPolicies;
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
page.figures.map((entry) => ({ ...entry.layout, blocks: entry.blocks })).forEach(addFigure);
openOnPaper();
document.documentElement.dataset.ready = "yes";
