// Lines and heat maps on a canvas. Each keeps its own last columns; a column that is missing is a gap.

export const columns = 120;
export const colours = ['#4fc3f7', '#f0b429', '#43c27a', '#ff8a65', '#ba68c8', '#90a4ae'];

function prepare(canvas) {
  const scale = window.devicePixelRatio || 1;
  const width = Math.max(1, Math.round(canvas.clientWidth * scale));
  const height = Math.max(1, Math.round(canvas.clientHeight * scale));
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const paper = canvas.getContext('2d');
  paper.clearRect(0, 0, width, height);
  return { paper, width, height, scale };
}

/** Lines over time: the greatest series, in the order in which they first appeared, so that a colour keeps its series. */
export class Lines {
  constructor(canvas) {
    this.canvas = canvas;
    this.series = new Map();
    this.count = 0;
  }

  /** Adds a column: a map from the name of a series to its value. */
  add(values) {
    this.count++;
    for (const [name, value] of values) {
      if (!this.series.has(name)) {
        this.series.set(name, new Array(Math.min(this.count - 1, columns)).fill(null));
      }
      this.series.get(name).push(value);
    }
    for (const [name, points] of this.series) {
      if (!values.has(name)) {
        points.push(null);
      }
      while (points.length > columns) {
        points.shift();
      }
      if (points.every(point => point === null)) {
        this.series.delete(name);
      }
    }
  }

  /** The series with the greatest sums, at most one for each colour. */
  shown() {
    const sum = points => points.reduce((total, point) => total + (point ?? 0), 0);
    const greatest = [...this.series].map(([name, points]) => [name, sum(points)]).filter(one => one[1] > 0).sort((a, b) => b[1] - a[1]).slice(0, colours.length).map(one => one[0]);
    return [...this.series.keys()].filter(name => greatest.includes(name));
  }

  draw() {
    const { paper, width, height, scale } = prepare(this.canvas);
    const names = this.shown();
    const most = Math.max(0, ...names.flatMap(name => this.series.get(name).map(point => point ?? 0)));
    names.forEach((name, index) => {
      const points = this.series.get(name);
      paper.strokeStyle = colours[index];
      paper.lineWidth = 1.5 * scale;
      paper.beginPath();
      let down = false;
      points.forEach((point, i) => {
        if (point === null) {
          down = false;
          return;
        }
        const x = (columns - points.length + i + 1) / columns * width;
        const y = height - scale - (most === 0 ? 0 : point / most * (height - 2 * scale));
        if (down) {
          paper.lineTo(x, y);
        } else {
          paper.moveTo(x, y);
        }
        down = true;
      });
      paper.stroke();
    });
    return { names, most };
  }
}

/** A histogram over time: time to the right, greater values up, more of them brighter. */
export class Heat {
  constructor(canvas) {
    this.canvas = canvas;
    this.rows = [];
  }

  /** Adds a column: the histogram's slots as { upTo, count }. */
  add(slots) {
    this.rows.push(new Map(slots.map(slot => [Math.round(Math.log2(slot.upTo)), slot.count])));
    while (this.rows.length > columns) {
      this.rows.shift();
    }
  }

  /** Draws, and returns the exponents of the lowest and the highest slot; null when nothing was counted. */
  draw() {
    const exponents = this.rows.flatMap(row => [...row.keys()]);
    if (exponents.length === 0) {
      return null;
    }
    const low = exponents.reduce((a, b) => Math.min(a, b));
    const high = exponents.reduce((a, b) => Math.max(a, b));
    const most = Math.log1p(this.rows.reduce((greatest, row) => Math.max(greatest, ...row.values()), 0));
    const height = high - low + 1;
    this.canvas.width = columns;
    this.canvas.height = height;
    const paper = this.canvas.getContext('2d');
    const image = paper.createImageData(columns, height);
    this.rows.forEach((row, i) => {
      const x = columns - this.rows.length + i;
      for (const [exponent, count] of row) {
        const at = ((high - exponent) * columns + x) * 4;
        const [red, green, blue] = heatColour(Math.log1p(count) / most);
        image.data[at] = red;
        image.data[at + 1] = green;
        image.data[at + 2] = blue;
        image.data[at + 3] = 255;
      }
    });
    paper.putImageData(image, 0, 0);
    return { low, high };
  }
}

// From dark blue over red to light yellow; the ends differ in brightness too, for those who do not see the hues.
function heatColour(share) {
  const stops = [[22, 44, 92], [120, 40, 120], [214, 76, 64], [252, 224, 120]];
  const place = Math.min(0.999, Math.max(0, share)) * (stops.length - 1);
  const from = Math.floor(place);
  return stops[from].map((part, i) => Math.round(part + (stops[from + 1][i] - part) * (place - from)));
}
