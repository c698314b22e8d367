/* SPDX-License-Identifier: GPL-3.0-or-later */
/* chart: one panel of a figure as SVG: axes, lines of steps, areas, points, bars; and the cursor that reads it.
 *
 * A panel is drawn in a box of fixed size that the browser scales, so that it is the same on any screen and on paper. */
"use strict";

const BOX = { width: 460, height: 270, left: 76, right: 14, top: 10, bottom: 42 };

function make(tag, attributes, parent) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);

    for (const [name, value] of Object.entries(attributes || {})) {
        element.setAttribute(name, value);
    }
    if (parent) {
        parent.append(element);
    }
    return element;
}

function makeHtml(tag, attributes, parent, text) {
    const element = document.createElement(tag);

    for (const [name, value] of Object.entries(attributes || {})) {
        element.setAttribute(name, value);
    }
    if (text !== undefined) {
        element.textContent = text;
    }
    if (parent) {
        parent.append(element);
    }
    return element;
}

/* What is too dark for a dark page becomes lighter, with its hue; black becomes nearly white. As little as it takes, so that colours
 * of one hue stay apart. */
function lighter(colour) {
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    const brightness = (0.299 * red + 0.587 * green + 0.114 * blue) / 255, least = red || green || blue ? 0.4 : 0.85;
    const toWhite = brightness < least ? (least - brightness) / (1 - brightness) : 0;

    return `rgb(${[red, green, blue].map((part) => Math.round(part + (255 - part) * toWhite)).join(" ")})`;
}

/* The element and what is in it are of this colour, where their class says so. */
function paint(element, colour) {
    element.style.setProperty("--light", colour);
    element.style.setProperty("--dark", lighter(colour));
    return element;
}

function linearScale(low, high, from, to) {
    const place = (value) => from + (value - low) / (high - low) * (to - from);

    place.invert = (pixel) => low + (pixel - from) / (to - from) * (high - low);
    return place;
}

function logScale(low, high, from, to) {
    const inner = linearScale(Math.log2(low), Math.log2(high), from, to);
    const place = (value) => inner(Math.log2(value));

    place.invert = (pixel) => 2 ** inner.invert(pixel);
    return place;
}

const round = (value) => Math.round(value * 100) / 100;

/* ---- axes ---- */

function drawText(svg, text, attributes) {
    make("text", attributes, svg).textContent = text;
}

function drawAxes(svg, x, y, names) {
    const right = BOX.width - BOX.right, foot = BOX.height - BOX.bottom;
    let named = -Infinity;

    for (const tick of y.ticks) {
        const at = round(y.place(tick));

        make("line", { class: "grid", x1: BOX.left, x2: right, y1: at, y2: at }, svg);
        drawText(svg, y.text(tick), { x: BOX.left - 6, y: at + 4, "text-anchor": "end" });
    }
    for (const tick of x.ticks) {
        const at = round(x.place(tick));

        make("line", { class: "axis", x1: at, x2: at, y1: foot, y2: foot + 4 }, svg);
        if (at - named >= (x.apart || 34)) {
            drawText(svg, x.text(tick), { x: Math.min(at, right - 2), y: foot + 17, "text-anchor": "middle" });
            named = at;
        }
    }
    make("path", { class: "axis", fill: "none", d: `M${BOX.left} ${BOX.top}V${foot}H${right}` }, svg);
    drawText(svg, names.x, { class: "quiet", x: (BOX.left + right) / 2, y: BOX.height - 6, "text-anchor": "middle" });
    drawText(svg, names.y, { class: "quiet", transform: `translate(11 ${BOX.height / 2 - 4}) rotate(-90)`, "text-anchor": "middle",
                             ...(names.y.length > 38 ? { textLength: BOX.height - 12, lengthAdjust: "spacingAndGlyphs" } : {}) });
}

/* ---- lines ---- */

/* A value holds from its time to the next one's. */
function stepsAfter(times, values, x, y) {
    let path = "", isOpen = false;

    values.forEach((value, i) => {
        if (value === null) {
            isOpen = false;
            return;
        }
        path += isOpen ? `H${round(x(times[i]))}V${round(y(value))}` : `M${round(x(times[i]))} ${round(y(value))}`;
        isOpen = true;
    });
    return path;
}

/* A value is that of the time up to its own, from the time before it, or where a gap ends. */
function stepsBefore(times, values, begins, x, y) {
    let path = "", isOpen = false;

    values.forEach((value, i) => {
        if (value === null) {
            isOpen = false;
            return;
        }
        if (!isOpen) {
            path += `M${round(x(begins[i] === null ? times[i] : begins[i]))} ${round(y(value))}`;
        } else {
            path += `V${round(y(value))}`;
        }
        path += `H${round(x(times[i]))}`;
        isOpen = true;
    });
    return path;
}

/* Between two lines of steps that hold to the next time. */
function areaBetween(times, lower, upper, x, y) {
    const there = stepsAfter(times, upper, x, y);
    let back = "";

    for (let i = times.length - 1; i >= 0; i--) {
        back += `L${round(x(times[i]))} ${round(y(lower[i]))}`;
        if (i) {
            back += `L${round(x(times[i]))} ${round(y(lower[i - 1]))}`;
        }
    }
    return `${there}${back}Z`;
}

function drawSwatch(parent, look, isArea) {
    const svg = paint(make("svg", { class: "swatch", viewBox: "0 0 22 10", "aria-hidden": "true" }, parent), look.colour);

    if (isArea) {
        make("rect", { class: "area", width: 22, height: 10 }, svg);
    } else {
        make("line", { class: "line", x1: 0, x2: 22, y1: 5, y2: 5, "stroke-dasharray": look.dashes || "none" }, svg);
    }
}

/* ---- the cursor ---- */

function entriesByText(entries) {
    const texts = [];

    for (const entry of entries) {
        const same = texts.find((other) => other.text === entry.text);

        if (same) {
            same.entries.push(entry);
        } else {
            texts.push({ text: entry.text, entries: [entry] });
        }
    }
    return texts;
}

/* What is at an anchor of the panel, beside it. Lines that are equal there share a row. */
function showTip(panel, tip, at) {
    tip.textContent = "";
    makeHtml("strong", {}, tip, at.title);
    for (const same of entriesByText(at.entries)) {
        const row = makeHtml("div", {}, tip), names = makeHtml("span", {}, row);

        same.entries.forEach((entry, i) => {
            if (entry.look) {
                drawSwatch(names, entry.look, entry.isArea);
            }
            names.append(` ${entry.name}${i + 1 < same.entries.length ? "," : ""} `);
        });
        makeHtml("span", {}, row, same.text);
    }
    tip.hidden = false;
    const box = panel.getBoundingClientRect(), pixel = at.pixel / BOX.width * box.width;

    if (pixel < box.width / 2) {
        tip.style.left = `${Math.min(pixel + 12, box.width - tip.offsetWidth)}px`;
    } else {
        tip.style.left = `${Math.max(pixel - 12 - tip.offsetWidth, 0)}px`;
    }
}

/* With the pointer, a finger, or the arrow keys. `chart` has anchors along x and says what is at each. */
function followCursor(panel, svg, tip, chart) {
    const line = make("line", { class: "cursor", y1: BOX.top, y2: BOX.height - BOX.bottom, visibility: "hidden" }, svg);
    let place = -1;

    const show = (index) => {
        if (!chart.anchors.length) {
            return; // all series are switched off
        }
        place = Math.max(0, Math.min(index, chart.anchors.length - 1));
        const at = chart.at(place);

        line.setAttribute("x1", round(at.pixel));
        line.setAttribute("x2", round(at.pixel));
        line.setAttribute("visibility", "visible");
        showTip(panel, tip, at);
    };
    const hide = () => {
        place = -1;
        line.setAttribute("visibility", "hidden");
        tip.hidden = true;
    };
    const follow = (event) => {
        const box = svg.getBoundingClientRect();

        tip.setAttribute("aria-live", "off");
        show(chart.nearest((event.clientX - box.left) / box.width * BOX.width));
    };
    const steps = { ArrowRight: () => place + 1, ArrowLeft: () => place < 0 ? Infinity : place - 1,
                    PageDown: () => place + Math.ceil(chart.anchors.length / 10),
                    PageUp: () => place - Math.ceil(chart.anchors.length / 10), Home: () => 0, End: () => Infinity };

    svg.addEventListener("pointermove", follow);
    svg.addEventListener("pointerdown", follow);
    svg.addEventListener("pointerleave", hide);
    panel.onkeydown = (event) => {
        if (event.key === "Escape") {
            hide();
        } else if (steps[event.key]) {
            event.preventDefault();
            tip.setAttribute("aria-live", "polite");
            show(steps[event.key]());
        }
    };
    panel.onblur = hide;
}
