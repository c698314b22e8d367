/* SPDX-License-Identifier: GPL-3.0-or-later */
/* numbers: the page's data, numbers as people read them, and ticks of axes, as the figures of gnuplot have them. */
"use strict";

const page = JSON.parse(document.getElementById("data").textContent);

/* A column is an array; one number for all rows; or that of an earlier block. */
function expandBlocks(blocks) {
    const whole = [];

    for (const block of blocks) {
        whole.push(block.columns.map((column, place) => {
            if (Array.isArray(column)) {
                return column;
            }
            return column !== null && typeof column === "object" ? whole[column.as][place]
                                                                 : new Array(block.rows).fill(column);
        }));
    }
    return whole;
}

function formatCount(value) {
    const [whole, part] = (Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : 1)).split(".");

    return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (part ? `.${part}` : "");
}

function formatBytes(value, digits) {
    const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let unit = 0;

    for (; value >= 1024 && unit + 1 < units.length; unit++) {
        value /= 1024;
    }
    return `${unit ? Number(value.toPrecision(digits || 4)) : Math.round(value)} ${units[unit]}`;
}

function formatPercent(value) {
    return `${(value * 100).toFixed(2)} %`;
}

/* Three digits of what may be large or small. */
function formatRate(value) {
    if (value >= 1000 || value === 0) {
        return formatCount(Math.round(value));
    }
    return value < 0.01 ? "<0.01" : String(Number(value.toPrecision(3)));
}

function formatSeconds(value) {
    const pad = (number) => String(number).padStart(2, "0");
    const whole = Math.round(value);

    if (value < 60) {
        return value < 1 ? `${Number((value * 1000).toPrecision(3))} ms` : `${Number(value.toPrecision(3))} s`;
    }
    if (whole < 3600) {
        return `${Math.floor(whole / 60)}m ${pad(whole % 60)}s`;
    }
    if (whole < 172800) {
        return `${Math.floor(whole / 3600)}h ${pad(Math.floor(whole / 60) % 60)}m`;
    }
    return `${Math.floor(whole / 86400)}d ${pad(Math.floor(whole / 3600) % 24)}h`;
}

/* ---- ticks ---- */

/* Of whole units. */
function tickSeconds(value) {
    for (const [unit, name] of [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]]) {
        if (value >= unit) {
            return `${value / unit} ${name}`;
        }
    }
    return `${Number((value * 1000).toPrecision(3))} ms`;
}

/* The smallest of 1, 2 or 5 times a power of ten that needs at most so many steps. */
function decimalStep(span, most) {
    if (!(span > 0)) {
        return 1;
    }
    const power = 10 ** Math.floor(Math.log10(span / most));

    return power * [1, 2, 5, 10].find((times) => span / (times * power) <= most * (1 + 1e-9));
}

/* The steps of clocks and calendars. */
function timeStep(span, unit) {
    const steps = unit === 3600 ? [1, 2, 3, 4, 6, 12, 24] : [1, 2, 5, 10, 15, 20, 30, 60];

    if (unit === 86400) {
        return span > 14 && span <= 49 ? 7 : span > 7 && span <= 14 ? 2 : decimalStep(span, 7);
    }
    return (span > 3 && steps.find((step) => span / step <= 7)) || decimalStep(span, 7);
}

function ticksBetween(low, high, step) {
    const ticks = [];

    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + Math.abs(high) * 1e-9; i++) {
        ticks.push(i * step);
    }
    return ticks;
}

function tickNumber(value) {
    if (value >= 1e9) {
        return `${Number((value / 1e9).toPrecision(4))} G`;
    }
    if (value >= 1e6) {
        return `${Number((value / 1e6).toPrecision(4))} M`;
    }
    return value >= 1e4 ? formatCount(Math.round(value)) : String(Number(value.toPrecision(6)));
}

/* An axis of values: its range, its ticks with their texts, and how a value of it is written. */
function axisOf(run, scale, low, high) {
    if (!(high >= low)) {
        low = high = 0;
    }
    if (scale === "bytes") {
        const step = high > 5 ? 2 ** Math.ceil(Math.log2(high / 5)) : 1;

        high = high > 0 ? high * 1.1 : 1;
        return { low: 0, high, ticks: ticksBetween(0, high, step), text: (value) => value ? formatBytes(value) : "0",
                 format: (value) => formatBytes(value) };
    }
    if (scale === "percent") {
        const step = decimalStep(Math.max(Math.min(high, 1) - Math.max(low, 0), 0.001), 5);
        const from = Math.floor(low / step + 1e-9) * step, to = Math.ceil(high / step - 1e-9) * step + step * 0.1;

        return { low: from, high: to, ticks: ticksBetween(Math.max(from, 0), Math.min(to, 1), step),
                 text: (value) => `${Number((value * 100).toPrecision(6))} %`, format: formatPercent };
    }
    high = high > 0 ? high * 1.05 : 1;
    const by = scale === "rate" ? run.time.rate_unit_s : 1;

    return { low: 0, high, ticks: ticksBetween(0, high * by, decimalStep(high * by, 5)).map((tick) => tick / by),
             text: (value) => tickNumber(value * by),
             format: (value) => scale === "rate" ? formatRate(value * by) : formatCount(value) };
}
