/* SPDX-License-Identifier: GPL-3.0-or-later */
/* table: tables whose rows can be put in the order of a column. A header's button asks for it: ascending, descending, and as the
 * table was. What is compared is data-value, the exact number behind the text; cells without one are last either way. */
"use strict";

function sortValue(row, column) {
    const cell = row.cells[column];

    if (cell.dataset.value === undefined) {
        return cell.classList.contains("text") ? cell.textContent : null;
    }
    return Number(cell.dataset.value);
}

/* Rows that are equal stay as they were. */
function compareRows(a, b, sign) {
    if (a.value === null || b.value === null) {
        return (a.value === null) - (b.value === null) || a.place - b.place;
    }
    if (a.value < b.value) {
        return -sign;
    }
    return a.value > b.value ? sign : a.place - b.place;
}

/* The table's own blocks of rows come back where no order is asked for. */
function sortTable(table, column, order) {
    const bodies = table.evsimBodies;

    while (table.tBodies.length) {
        table.tBodies[0].remove();
    }
    if (order === "none") {
        bodies.forEach((rows) => table.appendChild(document.createElement("tbody")).append(...rows));
        return;
    }
    const rows = bodies.flat().map((row, place) => ({ row, place, value: sortValue(row, column) }));

    rows.sort((a, b) => compareRows(a, b, order === "ascending" ? 1 : -1));
    table.appendChild(document.createElement("tbody")).append(...rows.map((each) => each.row));
}

function nextOrder(order, isText) {
    const orders = isText ? ["none", "ascending", "descending"] : ["none", "descending", "ascending"];

    return orders[(orders.indexOf(order) + 1) % 3];
}

function makeSortable(table) {
    const heads = Array.from(table.tHead.rows[0].cells);
    const said = document.createElement("span");

    table.evsimBodies = Array.from(table.tBodies, (body) => Array.from(body.rows));
    said.className = "unseen";
    said.setAttribute("role", "status");
    table.parentNode.insertBefore(said, table);
    heads.forEach((head, column) => {
        const button = document.createElement("button");
        const title = head.textContent;

        button.type = "button";
        button.append(...head.childNodes);
        head.append(button);
        button.addEventListener("click", () => {
            const order = nextOrder(head.getAttribute("aria-sort") || "none", head.classList.contains("text"));

            heads.forEach((other) => other.removeAttribute("aria-sort"));
            if (order !== "none") {
                head.setAttribute("aria-sort", order);
            }
            sortTable(table, column, order);
            said.textContent = order === "none" ? "in the order of the run" : `by ${title}, ${order}`;
        });
    });
}
