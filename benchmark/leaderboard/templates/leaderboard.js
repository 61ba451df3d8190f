"use strict";
function value(row, column) {
  const cell = row.children[column];
  const key = cell.dataset.sort;
  if (key === undefined) return cell.textContent.trim().toLowerCase();
  return key === "" ? null : Number(key);
}
function compare(first, second) {
  return first < second ? -1 : first > second ? 1 : 0;
}
function sort(heading) {
  const column = heading.cellIndex;
  const body = heading.closest("table").tBodies[0];
  const words = column === 0 || heading.textContent.trim() === "rank";
  const next = { ascending: "descending", descending: "ascending" }[heading.getAttribute("aria-sort")];
  const way = next || (words ? "ascending" : "descending");
  for (const other of heading.parentNode.children) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", way);
  const rows = Array.from(body.rows).sort((one, other) => {
    const first = value(one, column), second = value(other, column);
    if (first === null || second === null) return (first === null) - (second === null);
    return way === "ascending" ? compare(first, second) : compare(second, first);
  });
  body.append(...rows);
}
for (const heading of document.querySelectorAll("table.board thead th")) {
  heading.tabIndex = 0;
  heading.addEventListener("click", () => sort(heading));
  heading.addEventListener("keydown", (event) => {
    if (event.key === "Enter") sort(heading);
  });
}
document.getElementById("filter").addEventListener("input", (event) => {
  const wanted = event.target.value.trim().toLowerCase();
  for (const row of document.querySelectorAll("table.board:not(.students) tbody tr")) {
    row.hidden = !row.children[0].textContent.toLowerCase().includes(wanted);
  }
});
