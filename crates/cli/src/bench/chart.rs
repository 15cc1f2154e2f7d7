//! The report as a picture: latency by percentile, and the rounds' medians over time.

use super::{plan::Series, report::Report, stats, text};
use crate::units;
use anyhow::{Result, anyhow};
use hdrhistogram::Histogram;
use plotters::{
    coord::Shift,
    prelude::{
        BLACK, ChartBuilder, Color as _, DrawingArea, IntoDrawingArea as _, IntoLogRange as _, LineSeries, PathElement,
        RGBColor, SVGBackend, SeriesLabelPosition, WHITE,
    },
};

const WIDTH: u32 = 960;
const HEIGHT: u32 = 900;

/// Told apart by people who see colours differently, and in print (Okabe and Ito).
const COLOURS: [RGBColor; 4] =
    [RGBColor(0, 114, 178), RGBColor(213, 94, 0), RGBColor(0, 158, 115), RGBColor(204, 121, 167)];

/// A line of a chart.
struct Line {
    label: String,
    points: Vec<(f64, f64)>,
}

/// The pictures as one SVG document.
pub(super) fn svg(report: &Report, series: &[Series]) -> Result<String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (WIDTH, HEIGHT)).into_drawing_area();
        area.fill(&WHITE).map_err(drawing)?;
        let (upper, lower) = area.split_vertically(HEIGHT / 2);
        draw_percentiles(&upper, &lines(report, series, percentile_points))?;
        draw_rounds(&lower, &lines(report, series, round_points))?;
        area.present().map_err(drawing)?;
    }
    Ok(svg)
}

/// The whole report as one HTML page that needs nothing else.
pub(super) fn html(report: &Report, series: &[Series]) -> Result<String> {
    let svg = svg(report, series)?;
    let warnings: String =
        report.warnings.iter().map(|warning| format!("<p class=\"warning\">{}</p>\n", escaped(warning))).collect();
    Ok(format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>fngraph bench</title>\n\
         <style>body {{ font: 16px/1.5 sans-serif; max-width: {WIDTH}px; margin: 2em auto; padding: 0 1em }}\n\
         pre {{ font: 14px/1.5 monospace; overflow-x: auto }}\n\
         .warning {{ background: #fff3cd; padding: .5em 1em }}\n\
         svg {{ max-width: 100%; height: auto }}</style>\n\
         <h1>fngraph bench</h1>\n<pre>{}</pre>\n{warnings}{svg}\n</html>\n",
        escaped(&text::text(report)),
    ))
}

fn lines(report: &Report, series: &[Series], points: fn(&Series) -> Vec<(f64, f64)>) -> Vec<Line> {
    let line = |(series, label): (&Series, &String)| Line { label: label.clone(), points: points(series) };
    series.iter().zip(report.results.iter().map(|row| &row.label)).map(line).collect()
}

/// The latency in microseconds by nines: 1 is p90, 2 is p99, 3 is p99.9.
fn percentile_points(series: &Series) -> Vec<(f64, f64)> {
    let successes = series.rounds.iter().flat_map(|round| &round.samples).filter(|sample| sample.error.is_none());
    let histogram = stats::histogram(successes.map(|sample| sample.latency));
    if histogram.is_empty() {
        return Vec::new();
    }
    // Beyond one sample out of all there is nothing to draw.
    let nines = (histogram.len() as f64).log10();
    let steps = 200;
    (0..=steps).map(|step| point(&histogram, nines * f64::from(step) / f64::from(steps))).collect()
}

fn point(histogram: &Histogram<u64>, nines: f64) -> (f64, f64) {
    let quantile = 1.0 - 10_f64.powf(-nines);
    (nines, histogram.value_at_quantile(quantile) as f64 / 1000.0)
}

/// The median latency of each round, in microseconds.
fn round_points(series: &Series) -> Vec<(f64, f64)> {
    let medians = stats::per_round(&series.rounds, 0.5).into_iter();
    medians.enumerate().map(|(index, median)| (index as f64 + 1.0, median / 1000.0)).collect()
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn draw_percentiles(area: &Area<'_>, lines: &[Line]) -> Result<()> {
    let nines = |x: &f64| {
        if *x < 0.5 { "p0".to_owned() } else { format!("p{}", 100.0 - 10_f64.powf(2.0 - x.round())) }
    };
    draw(area, "latency by percentile", lines, SeriesLabelPosition::UpperLeft, &nines)
}

fn draw_rounds(area: &Area<'_>, lines: &[Line]) -> Result<()> {
    let number = |x: &f64| format!("{x:.0}");
    draw(area, "median latency by round", lines, SeriesLabelPosition::MiddleRight, &number)
}

fn draw(
    area: &Area<'_>,
    caption: &str,
    lines: &[Line],
    legend: SeriesLabelPosition,
    x_label: &dyn Fn(&f64) -> String,
) -> Result<()> {
    let points = || lines.iter().flat_map(|line| &line.points);
    let least = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::INFINITY, f64::min);
    let most = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::NEG_INFINITY, f64::max);
    if points().next().is_none() {
        return Ok(());
    }
    let x = least(&mut points().map(|point| point.0))..most(&mut points().map(|point| point.0)).max(1.0);
    // A logarithmic axis has no place for 0, and a flat line needs some room.
    let low = least(&mut points().map(|point| point.1)).max(0.001) * 0.8;
    let high = most(&mut points().map(|point| point.1)).max(0.001) * 1.25;
    let marks = whole_numbers(x.end - x.start);
    let mut chart = ChartBuilder::on(area)
        .caption(caption, ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(80)
        .build_cartesian_2d(x, (low..high).log_scale())
        .map_err(drawing)?;
    chart
        .configure_mesh()
        .x_labels(marks)
        .x_label_formatter(x_label)
        .y_label_formatter(&|micros: &f64| micros_text(*micros))
        .light_line_style(BLACK.mix(0.05))
        .draw()
        .map_err(drawing)?;
    for (line, colour) in lines.iter().zip(COLOURS) {
        let style = colour.stroke_width(2);
        chart
            .draw_series(LineSeries::new(line.points.iter().copied(), style))
            .map_err(drawing)?
            .label(line.label.clone())
            .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 20, y)], style));
    }
    chart
        .configure_series_labels()
        .position(legend)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.3))
        .draw()
        .map_err(drawing)
}

/// How many labels an axis of this length has, one for each whole number and not too many.
fn whole_numbers(length: f64) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a small positive number")]
    let count = length.ceil().clamp(1.0, 20.0) as usize;
    count + 1
}

fn micros_text(micros: f64) -> String {
    units::duration(std::time::Duration::from_secs_f64(micros / 1e6))
}

/// plotters' errors borrow what they are about.
fn drawing(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("draw the report: {error}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{executor::Start, load::Round, load::Sample};

    #[test]
    fn percentiles_are_drawn_as_far_as_there_are_samples() {
        let sample = |at: u64| Sample { at, lateness: 0, latency: 1000 * (at + 1), error: None };
        let round = || Round { samples: (0..1000).map(sample).collect(), ..Round::default() };
        let series = Series { function: 0, start: Start::Warm, rounds: vec![round(), round()] };
        let points = percentile_points(&series);
        let (nines, micros) = points[points.len() - 1];
        assert!((nines - 2000_f64.log10()).abs() < 1e-9 && (micros - 1000.0).abs() < 1.0, "{nines} {micros}");
        assert_eq!(round_points(&series).len(), 2);
        assert!(percentile_points(&Series { rounds: Vec::new(), ..series }).is_empty());
    }

    #[test]
    fn names_cannot_break_the_page() {
        assert_eq!(escaped("<a & b>.wasm"), "&lt;a &amp; b&gt;.wasm");
    }
}
