// Which key does what?

const PAGE = 12;

/** Move over the matrix by keys; `open(row, column)` opens what the active cell stands for. */
export function followKeys(matrix, open) {
  matrix.scroller.addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey) return;
    const { row, column } = matrix.active;
    if (event.key === "Enter" || event.key === " ") open(row, column);
    else {
      const target = findTarget(event, row, column);
      if (!target) return;
      matrix.moveTo(...target);
    }
    event.preventDefault();
  });
}

/** Search with "/", close with Esc; neither while a dialog is open. */
export function followShortcuts(search, close) {
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches?.("input, select, textarea");
    if (event.key === "/" && !typing) {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "Escape" && close(event.target === search)) event.preventDefault();
  });
}

function findTarget(event, row, column) {
  const end = Number.MAX_SAFE_INTEGER;
  switch (event.key) {
    case "ArrowUp": return [row - 1, column];
    case "ArrowDown": return [row + 1, column];
    case "ArrowLeft": return [row, column - 1];
    case "ArrowRight": return [row, column + 1];
    case "PageUp": return [row - PAGE, column];
    case "PageDown": return [row + PAGE, column];
    case "Home": return event.ctrlKey ? [0, 0] : [row, 0];
    case "End": return event.ctrlKey ? [end, end] : [row, end];
    default: return null;
  }
}
