// @ts-check
// When does a growing value reach its limit?

/** @typedef {[number, number]} Point */

const FEWEST = 10;
const FARTHEST = 180;
const SURE = 0.5;

/**
 * Return in how many days a straight line through the points reaches the limit: 0 when it has, null when it does
 * not within half a year, or when the points are too few or too scattered for a forecast.
 * @param {Point[]} points
 * @param {number} limit
 */
export function forecast(points, limit) {
  if (points.length < FEWEST) return null;
  const { slope, at, certainty } = fit(points);
  const now = at(Math.max(...points.map(([x]) => x)));
  if (slope <= 0 || certainty < SURE) return null;
  if (now >= limit) return 0;
  const days = Math.ceil((limit - now) / slope);
  return days <= FARTHEST ? days : null;
}

/**
 * Fit a line by least squares; `certainty` is the share of the variance that it explains.
 * @param {Point[]} points
 */
function fit(points) {
  const mean = (/** @type {0 | 1} */ place) => points.reduce((sum, point) => sum + point[place], 0) / points.length;
  const [middle, height] = [mean(0), mean(1)];
  const sum = (/** @type {(x: number, y: number) => number} */ make) =>
    points.reduce((total, [x, y]) => total + make(x - middle, y - height), 0);
  const spread = sum((x) => x * x), variance = sum((_, y) => y * y), together = sum((x, y) => x * y);
  const slope = spread ? together / spread : 0;
  const certainty = spread && variance ? together ** 2 / (spread * variance) : 0;
  return { slope, certainty, at: (/** @type {number} */ x) => height + slope * (x - middle) };
}
