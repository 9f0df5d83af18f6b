/** Documents to practise on, made up for it. */
export const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>The lighthouse</title></head>
<body>
<h1>The lighthouse</h1>
<p>The keeper counted ships: one for the cod, one for the coal, and one that came back
each evening with nothing at all but the news.</p>
<p>"What news?" he called down to it. "None," said the ship, "but it is fresh."</p>
</body>
</html>
`;

export const SLIDES = {
  slideshow: {
    title: "Harbours",
    author: "Alice",
    date: "2026-01-01",
    slides: [
      { type: "all", title: "What a port is for" },
      { type: "all", title: "Overview", items: ["Coming in", "Lying still", "Going out"] },
    ],
  },
};

export const SLIDES_XML = `<?xml version="1.0" encoding="utf-8"?>
<slideshow title="Harbours" author="Alice" date="2026-01-01">
  <slide type="all">
    <title>What a port is for</title>
  </slide>
  <slide type="all">
    <title>Overview</title>
    <item>Coming in</item>
    <item>Lying still</item>
    <item>Going out</item>
  </slide>
</slideshow>
`;
