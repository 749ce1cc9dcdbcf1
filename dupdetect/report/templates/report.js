"use strict";
// Helps, and is not needed: sorting, jumps from a passage to its partner, a count of what the
// filters leave, and open details in print. Links, filters and everything to read work without it.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Tables: a button in each header of a column sorts by it.
  const key = (row, column) => {
    const cell = row.cells[column];
    const told = cell.querySelector("[data-json], summary") ?? cell;
    const text = told.value ?? told.textContent.trim();
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
  // The first stretch of a passage has the label, a link to its partner; others name the partner.
  const JUMPS = ".text .passage:is([data-partner], :has(> a))";
  const partner = (passage) =>
    passage?.dataset.partner ?? passage?.querySelector(":scope > a").hash.slice(1);
  const show = (element) => {
    all(".here").forEach((other) => other.classList.remove("here"));
    element.classList.add("here");
    element.scrollIntoView({ block: "center", behavior: "auto" });
    const label = element.matches("a") ? element : element.querySelector("a");
    (label ?? element).focus({ preventScroll: true });
  };
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (!document.getSelection().isCollapsed) return;
    const link = event.target.closest("a[href^='#']");
    const id = link ? decodeURIComponent(link.hash.slice(1)) : partner(event.target.closest(JUMPS));
    const target = id ? document.getElementById(id) : null;
    if (!target?.matches(".text .passage")) return;
    event.preventDefault();
    // Back leads to where one came from.
    history.pushState(null, "", "#" + id);
    show(target);
  });

  // Filters: how much they leave of what they act upon.
  const count = document.querySelector(".filtered");
  const boxes = all(".filters input");
  const counted = [
    [all("article.family"), "families and groups"],
    [all(".pairs tbody tr"), "rows of pairs"],
    [all(".passages tbody tr"), "rows of passages"],
    [all(".collations > li"), "sentences side by side"],
    [all(".ranked > li"), "ranked passages"],
  ];
  const tell = () => {
    const left = counted.map(([items, noun]) => {
      const shown = items.filter((each) => each.getClientRects().length > 0).length;
      return shown < items.length ? `${shown} of ${items.length} ${noun}` : "";
    });
    count.textContent = left.some(Boolean) ? `Shown: ${left.filter(Boolean).join(", ")}` : "";
  };
  boxes.forEach((box) => box.addEventListener("change", tell));

  // Print: of what is folded, how all this was found is printed, too.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("#provenance details:not([open])");
    closed.forEach((each) => { each.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((each) => { each.open = false; }));
})();
