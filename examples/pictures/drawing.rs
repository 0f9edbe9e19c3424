//! As much of SVG as the pictures need.

use std::fmt::Write as _;

/// A picture on a light ground, which also reads in a dark page.
#[derive(Default)]
pub(crate) struct Drawing {
    shapes: String,
    width: f64,
    height: f64,
}

/// How wide a character of the fixed font is, at 12 pixels.
pub(crate) const CHARACTER: f64 = 7.25;

pub(crate) const INK: &str = "#1f2933";
pub(crate) const FAINT: &str = "#6b7784";
pub(crate) const GOOD: &str = "#1b7f4d";
pub(crate) const BAD: &str = "#b3261e";
pub(crate) const BLUE: &str = "#2f6fb2";
pub(crate) const PALE: &str = "#b9c4cf";

impl Drawing {
    pub(crate) fn rectangle(&mut self, at: [f64; 2], size: [f64; 2], fill: &str, stroke: &str) {
        let ([x, y], [width, height]) = (at, size);
        self.reach(x + width, y + height);
        let _ = writeln!(
            self.shapes,
            r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" rx="4" fill="{fill}" stroke="{stroke}"/>"#
        );
    }

    /// Text that begins here, in a proportional font.
    pub(crate) fn text(&mut self, at: [f64; 2], fill: &str, text: &str) {
        self.write(at, fill, "sans-serif", text);
    }

    /// Text that begins here, in a font of one width.
    pub(crate) fn code(&mut self, at: [f64; 2], fill: &str, text: &str) {
        self.write(at, fill, "monospace", text);
    }

    /// A line from one box to another, as a curve.
    pub(crate) fn curve(&mut self, from: [f64; 2], to: [f64; 2]) {
        let middle = f64::midpoint(from[0], to[0]);
        let _ = writeln!(
            self.shapes,
            r#"<path d="M{:.1} {:.1} C{middle:.1} {:.1} {middle:.1} {:.1} {:.1} {:.1}" fill="none" stroke="{PALE}" stroke-width="1.5"/>"#,
            from[0], from[1], from[1], to[1], to[0], to[1]
        );
    }

    fn write(&mut self, at: [f64; 2], fill: &str, family: &str, text: &str) {
        let [x, y] = at;
        self.reach(x + CHARACTER * text.chars().count() as f64, y + 4.0);
        let text = text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        let _ = writeln!(
            self.shapes,
            r#"<text x="{x:.1}" y="{y:.1}" fill="{fill}" font-family="{family}" font-size="12" xml:space="preserve">{text}</text>"#
        );
    }

    fn reach(&mut self, x: f64, y: f64) {
        self.width = self.width.max(x);
        self.height = self.height.max(y);
    }

    pub(crate) fn finish(self, title: &str) -> String {
        let (width, height) = (self.width + 16.0, self.height + 16.0);
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">\n<title>{title}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fbfcfd\"/>\n{}</svg>\n",
            self.shapes
        )
    }
}
