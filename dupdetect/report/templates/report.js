"use strict";
// Helps, and is not needed: sorting, jumps from a passage to its partner, a count of what the
// filters leave, and open details in print. Links, filters and everything to read work without it.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Tables: a button in each header of a column sorts by it.
  const key = (row, column) => {
    const cell = row.cells[column];
    const data = cell.querySelector("data");
    const text = cell.dataset.sort ?? data?.value ?? cell.textContent.trim();
    const number = Number(text.replace(/[,%]/g, ""));
    return text !== "" && !Number.isNaN(number) ? number : text;
  };
  // Figures come before words, and cells with nothing in them (a dash) last, whichever the order.
  const compare = (x, y, sign) => {
    const empty = (x === "\u2013") - (y === "\u2013");
    if (empty) return empty;
    if (typeof x !== typeof y) return typeof x === "number" ? -1 : 1;
    if (typeof x === "number") return sign * (x - y);
    return sign * x.localeCompare(y, undefined, { numeric: true });
  };
  for (const table of all("table.sortable")) {
    const heads = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
    heads.forEach((head, column) => {
      if (head.textContent.trim() === "") return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sorter";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const descending = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        const body = table.tBodies[0];
        const rows = [...body.rows].map((row) => [key(row, column), row]);
        rows.sort(([x], [y]) => compare(x, y, descending ? -1 : 1));
        body.append(...rows.map(([, row]) => row));
      });
    });
  }

  // Passages: a click anywhere in one, or Enter on its label, brings its partner into view.
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const show = (element) => {
    all(".here").forEach((other) => other.classList.remove("here"));
    element.classList.add("here");
    element.scrollIntoView({ block: "center", behavior: calm.matches ? "auto" : "smooth" });
    const label = element.matches("a") ? element : element.querySelector("a");
    (label ?? element).focus({ preventScroll: true });
  };
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!document.getSelection().isCollapsed) return;
    const link = event.target.closest("a[href^='#']");
    const passage = event.target.closest("[data-partner]");
    const id = link ? decodeURIComponent(link.hash.slice(1)) : passage?.dataset.partner;
    const target = id ? document.getElementById(id) : null;
    if (!target?.matches("[data-partner]")) return;
    event.preventDefault();
    history.pushState(null, "", "#" + id); // Back leads to where one came from
    show(target);
  });

  // Filters: how many passages they leave.
  const count = document.querySelector(".filtered");
  const boxes = all(".filters input");
  const passages = all("tr.passage");
  const tell = () => {
    const shown = passages.filter((row) => row.getClientRects().length > 0).length;
    const filtered = boxes.some((box) => !box.checked);
    count.textContent = filtered ? shown + " of " + passages.length + " passages shown" : "";
  };
  boxes.forEach((box) => box.addEventListener("change", tell));

  // Print: what is folded is printed, too.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    closed.forEach((each) => { each.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((each) => { each.open = false; }));
})();
