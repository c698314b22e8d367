/* SPDX-License-Identifier: GPL-3.0-or-later */
/* figures: the kinds of figures, as those of figures/ are: each makes charts out of the data and layout of a figure.
 *
 * A chart draws itself into an SVG; has anchors along x, and says what is at each; has a row of exact values for each anchor; and
 * describes itself in words. */
"use strict";

/* The last place in sorted `times` whose value is not past `time`; -1: there is none. */
function lastUpTo(times, time) {
    let low = 0, high = times.length;

    while (low < high) {
        const middle = (low + high) >> 1;

        if (times[middle] <= time) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low - 1;
}

function rangeOf(lists) {
    let low = Infinity, high = -Infinity;

    for (const list of lists) {
        for (const value of list) {
            if (value !== null) {
                low = Math.min(low, value);
                high = Math.max(high, value);
            }
        }
    }
    return { low, high };
}

function timeAxis(run) {
    const unit = run.time.unit_s, end = Math.max(page.duration_s, 1e-6);

    return { place: linearScale(0, end, BOX.left, BOX.width - BOX.right),
             ticks: ticksBetween(0, end / unit, timeStep(end / unit, unit)).map((tick) => tick * unit),
             text: (value) => tickNumber(value / unit) };
}

function valueAxis(figure, range, scale = figure.scale) {
    const axis = axisOf(figure.run, scale, range.low, range.high);

    return { ...axis, place: linearScale(axis.low, axis.high, BOX.height - BOX.bottom, BOX.top) };
}

/* "at first 0 %, at the end 72.4 %, between 0 % and 80 %" */
function describeValues(values, format) {
    const known = values.filter((value) => value !== null);

    if (!known.length) {
        return "no value";
    }
    const { low, high } = rangeOf([known]);

    return `at the end ${format(known[known.length - 1])}, between ${format(low)} and ${format(high)}`;
}

/* Areas are paler there. */
function drawWarmup(svg, x, warmup, isOverAreas) {
    if (!warmup) {
        return;
    }
    const end = round(x(warmup));

    make("rect", { class: isOverAreas ? "warmup over-areas" : "warmup", x: BOX.left, y: BOX.top, width: end - BOX.left,
                   height: BOX.height - BOX.bottom - BOX.top }, svg);
    make("line", { class: "warmup-end", x1: end, x2: end, y1: BOX.top, y2: BOX.height - BOX.bottom }, svg);
    drawText(svg, "warm-up ends", { class: "quiet inside", x: end + 4, y: BOX.top + 11 });
}

function drawLimit(svg, times, limits, x, y) {
    if (!limits.some((limit) => limit > 0)) {
        return;
    }
    make("path", { class: "limit", d: stepsAfter(times, limits.map((limit) => limit || null), x, y) }, svg);
    const last = limits[limits.length - 1];

    if (last > 0) {
        drawText(svg, "maxmemory", { class: "limit inside", x: BOX.width - BOX.right, y: round(y(last)) - 4, "text-anchor": "end" });
    }
}

/* Policies are switched by name, in all runs; parts of a stack by their place in it. */
const isShown = (figure, series) => !figure.hidden.has(figure.parts ? series : figure.run.policies[series].name);

/* ---- lines over time: memory holds to the next sample, a rate is that up to its own ---- */

function chartOverTime(figure, panel, blocks, range) {
    const holds = figure.scale === "bytes" || figure.scale === "objects";
    const lines = panel.series.map((policy, i) => ({ policy, look: figure.run.policies[policy], times: blocks[i][0],
                                                     values: blocks[i][1], third: blocks[i][2] }))
        .filter((line) => isShown(figure, line.policy));
    const x = timeAxis(figure.run), y = valueAxis(figure, range);
    const anchors = lines.length ? lines[0].times : [];
    const placeOf = (line, time) => holds ? lastUpTo(line.times, time)
                                          : lastUpTo(line.times, time) + (line.times[lastUpTo(line.times, time)] !== time);
    const valueOf = (line, time) => {
        const value = line.values[placeOf(line, time)];

        return value === undefined ? null : value;
    };

    return {
        anchors, x, y,
        draw(svg) {
            drawWarmup(svg, x.place, figure.run.time.warmup_s);
            if (holds && lines.length) {
                drawLimit(svg, lines[0].times, lines[0].third, x.place, y.place);
            }
            for (const line of lines) {
                const d = holds ? stepsAfter(line.times, line.values, x.place, y.place)
                                : stepsBefore(line.times, line.values, line.third, x.place, y.place);

                paint(make("path", { class: "line", d, "stroke-dasharray": line.look.dashes || "none" }, svg), line.look.colour);
            }
        },
        nearest(pixel) {
            const time = x.place.invert(pixel), place = lastUpTo(anchors, time);

            return holds ? place : place + 1;
        },
        at(i) {
            const time = anchors[i];

            return { pixel: x.place(time), title: holds ? formatSeconds(time) : `up to ${formatSeconds(time)}`,
                     entries: lines.map((line) => ({ name: line.look.name, look: line.look, value: valueOf(line, time) }))
                         .sort((a, b) => b.value - a.value)
                         .map((entry) => ({ ...entry, text: entry.value === null ? "-" : y.format(entry.value) })) };
        },
        heads: ["time (s)", ...lines.map((line) => line.look.name)],
        row: (i) => [anchors[i], ...lines.map((line) => valueOf(line, anchors[i]))],
        words: () => lines.map((line) => `${line.look.name}: ${describeValues(line.values, y.format)}`).join("; "),
    };
}

/* ---- areas over time: a row holds to the next ---- */

function chartStacked(figure, panel, block, range) {
    const parts = figure.parts.map((part, i) => ({ ...part, place: i, values: block[i + 1] }))
        .filter((part) => isShown(figure, part.place) && part.values.some((value) => value > 0));
    const times = block[0], x = timeAxis(figure.run), y = valueAxis(figure, range);

    return {
        anchors: times, x, y,
        draw(svg) {
            let below = new Array(times.length).fill(0);

            for (const part of parts) {
                const top = below.map((value, i) => value + (part.values[i] || 0));

                paint(make("path", { class: "area", d: areaBetween(times, below, top, x.place, y.place) }, svg), part.colour);
                below = top;
            }
            drawWarmup(svg, x.place, figure.run.time.warmup_s, true);
            if (figure.scale === "bytes" || figure.scale === "objects") {
                drawLimit(svg, times, block[figure.parts.length + 1], x.place, y.place);
            }
            if (panel.first_refusal_s !== null && panel.first_refusal_s !== undefined) {
                const at = round(x.place(panel.first_refusal_s));

                make("line", { class: "refusal", x1: at, x2: at, y1: BOX.top, y2: BOX.height - BOX.bottom }, svg);
                drawText(svg, "first OOM", { class: "refusal inside", x: at + 4, y: BOX.top + (figure.run.time.warmup_s ? 25 : 11) });
            }
        },
        nearest: (pixel) => lastUpTo(times, x.place.invert(pixel)),
        at(i) {
            const sum = parts.reduce((all, part) => all + (part.values[i] || 0), 0);
            const whole = { name: parts.length < figure.parts.filter((part) => part.occurs).length ? "these" : "all", text: y.format(sum) };
            const till = times[Math.min(i + 1, times.length - 1)];

            return { pixel: x.place(times[i]), title: `${formatSeconds(times[i])} to ${formatSeconds(till)}`,
                     entries: [whole, ...parts.filter((part) => part.values[i] > 0).reverse()
                         .map((part) => ({ name: part.name, look: part, isArea: true, text: y.format(part.values[i]) }))] };
        },
        heads: ["from (s)", ...parts.map((part) => part.name)],
        row: (i) => [times[i], ...parts.map((part) => part.values[i])],
        words: () => parts.map((part) => `${part.name}: ${describeValues(part.values, y.format)}`).join("; "),
    };
}

/* ---- by maxmemory: a point for each size; its value holds to the next ---- */

function sizeAxis(run, sizes) {
    const limits = sizes.filter((size) => size > 0), low = limits[0], high = limits[limits.length - 1];
    const beyond = limits.length < sizes.length ? high * Math.max(high / low, 2) ** 0.2 : 0;
    const end = beyond || high, margin = Math.max(end / low, 2) ** 0.05;
    const inner = logScale(low / margin, end * margin, BOX.left, BOX.width - BOX.right);
    const place = (size) => inner(size > 0 ? size : beyond);

    place.invert = inner.invert;
    return { place, ticks: sizes, apart: 64, text: (size) => size ? formatSize(run, size) : "no limit" };
}

function formatSize(run, size) {
    return run.unit_sizes ? formatCount(size) : formatBytes(size);
}

function chartBySize(figure, panel, blocks, range) {
    const lines = panel.series.map((policy, i) => ({ policy, look: figure.run.policies[policy], sizes: blocks[i][0],
                                                     values: blocks[i][1], widths: blocks[i][2] }))
        .filter((line) => isShown(figure, line.policy));
    const x = sizeAxis(figure.run, page.sizes), y = valueAxis(figure, range);
    const anchors = page.sizes.filter((size) => lines.some((line) => line.sizes.includes(size)));
    const textOf = (value, width) => value === null ? "-" : width ? `${y.format(value)} \u00b1 ${y.format(width)}` : y.format(value);

    return {
        anchors, x, y,
        draw(svg) {
            lines.forEach((line, i) => {
                const limits = line.sizes.map((size, at) => size > 0 ? line.values[at] : null);
                const group = paint(make("g", {}, svg), line.look.colour);

                make("path", { class: "line", d: stepsAfter(line.sizes, limits, x.place, y.place), "stroke-dasharray": line.look.dashes || "none" }, group);
                line.sizes.forEach((size, at) => {
                    const value = line.values[at], width = line.widths[at], px = round(x.place(size));

                    if (value === null) {
                        return;
                    }
                    if (width) {
                        make("path", { class: "line", d: `M${px} ${round(y.place(value - width))}V${round(y.place(value + width))}` }, group);
                    }
                    make("circle", { class: "point", cx: px, cy: round(y.place(value)), r: round(3 + 2.5 * (lines.length - 1 - i) / lines.length) }, group);
                });
            });
        },
        nearest(pixel) {
            const distances = anchors.map((size) => Math.abs(x.place(size) - pixel));

            return distances.indexOf(Math.min(...distances));
        },
        at(i) {
            return { pixel: x.place(anchors[i]), title: anchors[i] ? `${figure.axes.x} ${formatSize(figure.run, anchors[i])}` : "no limit",
                     entries: lines.map((line) => ({ line, place: line.sizes.indexOf(anchors[i]) })).filter((each) => each.place >= 0)
                         .sort((a, b) => b.line.values[b.place] - a.line.values[a.place])
                         .map(({ line, place }) => ({ name: line.look.name, look: line.look, text: textOf(line.values[place], line.widths[place]) })) };
        },
        heads: ["maxmemory", ...lines.map((line) => line.look.name)],
        row: (i) => [anchors[i], ...lines.map((line) => {
            const place = line.sizes.indexOf(anchors[i]);

            return place < 0 ? null : line.values[place];
        })],
        words: () => lines.map((line) => `${line.look.name}: ${line.sizes.map((size, i) =>
            `${size ? formatSize(figure.run, size) : "no limit"} ${textOf(line.values[i], line.widths[i])}`).join(", ")}`).join("; "),
    };
}

/* ---- of evictions: over a logarithmic axis of times, at least so much up to the next point ---- */

const KNOWN_TIMES = [0.001, 0.01, 0.1, 1, 10, 60, 600, 3600, 21600, 86400, 864000, 8640000];

function chartOfEvictions(figure, panel, blocks, range, span) {
    const lines = panel.series.map((policy, i) => ({ policy, look: figure.run.policies[policy], times: blocks[i][0], values: blocks[i][1] }))
        .filter((line) => isShown(figure, line.policy));
    const place = logScale(span.low / 1.3, span.high * 1.3, BOX.left, BOX.width - BOX.right);
    const x = { place, ticks: KNOWN_TIMES.filter((time) => time >= span.low / 1.3 && time <= span.high * 1.3), text: tickSeconds, apart: 44 };
    const y = valueAxis(figure, { low: 0, high: 1 }, "percent");
    const anchors = [...new Set(lines.flatMap((line) => line.times))].sort((a, b) => a - b);
    const valueOf = (line, time) => line.values[lastUpTo(line.times, time)] || 0;

    return {
        anchors, x, y,
        draw(svg) {
            lines.forEach((line, i) => {
                const group = paint(make("g", {}, svg), line.look.colour);

                make("path", { class: "line", d: stepsAfter(line.times, line.values, place, y.place), "stroke-dasharray": line.look.dashes || "none" }, group);
                line.times.forEach((time, at) => make("circle", { class: "point", cx: round(place(time)), cy: round(y.place(line.values[at])),
                                                                  r: round(2.2 + 1.6 * (lines.length - 1 - i) / lines.length) }, group));
            });
        },
        nearest: (pixel) => Math.max(lastUpTo(anchors, place.invert(pixel)), 0),
        at(i) {
            return { pixel: place(anchors[i]), title: `below ${formatSeconds(anchors[i])}`,
                     entries: lines.map((line) => ({ name: line.look.name, look: line.look, value: valueOf(line, anchors[i]) }))
                         .sort((a, b) => b.value - a.value).map((entry) => ({ ...entry, text: formatPercent(entry.value) })) };
        },
        heads: ["below (s)", ...lines.map((line) => line.look.name)],
        row: (i) => [anchors[i], ...lines.map((line) => valueOf(line, anchors[i]))],
        words: () => lines.map((line) => `${line.look.name}: in the end ${formatPercent(line.values[line.values.length - 1])}`).join("; "),
    };
}

/* ---- of shards: bars side by side ---- */

function chartOfShards(figure, panel, blocks, range) {
    const bars = panel.series.map((policy, i) => ({ policy, look: figure.run.policies[policy], shards: blocks[i][0], values: blocks[i][1], limits: blocks[i][2] }))
        .filter((bar) => isShown(figure, bar.policy));
    const count = blocks.length ? blocks[0][0].length : 0, foot = BOX.height - BOX.bottom;
    const place = linearScale(0.4, count + 0.6, BOX.left, BOX.width - BOX.right);
    const shards = Array.from({ length: count }, (_, i) => i + 1);
    const x = { place, ticks: shards, text: String }, y = valueAxis(figure, { low: 0, high: range.high });

    return {
        anchors: shards, x, y,
        draw(svg) {
            bars.forEach((bar, i) => bar.shards.forEach((shard, at) => {
                const left = place(shard - 0.4 + 0.8 * i / bars.length), right = place(shard - 0.4 + 0.8 * (i + 1) / bars.length);

                paint(make("rect", { class: "bar", x: round(left), width: round(right - left), y: round(y.place(bar.values[at])),
                                     height: round(foot - y.place(bar.values[at])) }, svg), bar.look.colour);
            }));
            if (figure.scale === "bytes" && bars.length) {
                drawLimit(svg, bars[0].shards, bars[0].limits, place, y.place);
            }
        },
        nearest: (pixel) => Math.round(place.invert(pixel)) - 1,
        at: (i) => ({ pixel: place(i + 1), title: `shard ${i + 1}`,
                      entries: bars.map((bar) => ({ name: bar.look.name, look: bar.look, text: y.format(bar.values[i]) })) }),
        heads: ["shard", ...bars.map((bar) => bar.look.name)],
        row: (i) => [i + 1, ...bars.map((bar) => bar.values[i])],
        words: () => bars.map((bar) => `${bar.look.name}: ${bar.values.map((value, i) => `shard ${i + 1} ${y.format(value)}`).join(", ")}`).join("; "),
    };
}

/* ---- who evicts whom: a table whose cells have shades ---- */

function makeHeat(figure, panel, block, parent) {
    const scroll = makeHtml("div", { class: "scroll" }, parent), table = makeHtml("table", { class: "heat", "aria-label": panel.title }, scroll);
    const head = makeHtml("tr", {}, makeHtml("thead", {}, table)), body = makeHtml("tbody", {}, table);
    const at = new Map(block[0].map((column, i) => [`${block[1][i]} ${column}`, i]));

    makeHtml("td", {}, head);
    figure.names.forEach((name) => makeHtml("th", { scope: "col" }, head, name));
    figure.names.forEach((name, by) => {
        const row = makeHtml("tr", {}, body);

        makeHtml("th", { scope: "row", class: "text" }, row, name);
        figure.names.forEach((whose, of) => {
            const place = at.get(`${by} ${of}`);

            if (place === undefined) {
                makeHtml("td", {}, row, "");
                return;
            }
            const share = block[2][place], shade = figure.shades.find((each) => share <= each.up_to);
            const cell = makeHtml("td", { class: "shade", title: `${formatCount(block[3][place])} keys`, "data-value": share }, row,
                                  (share * 100).toFixed(share < 0.0995 ? 1 : 0));

            cell.style.setProperty("--light", shade.colour);
            cell.style.setProperty("--on", shade.text_colour);
        });
    });
}
