// One instance per segment (of a stair: two pieces; of dots: the first point); coverage is computed per pixel, so no multisampling is needed.

struct Curve {
    t0: f32,
    pixels_per_second: f32,
    y_max: f32,
    pixels_per_unit: f32,
    size: vec2<f32>,
    half_width: f32,
    // What the points become: 0 a line, 1 a stair, 2 dots.
    shape: u32,
    color: vec4<f32>,
    // A dash, a dash with its gap (0 for none), how far into one the left edge is.
    dash: vec4<f32>,
};

@group(0) @binding(0) var<uniform> curve: Curve;

struct Corner {
    @builtin(position) position: vec4<f32>,
    // Along and across the segment, in pixels from its start.
    @location(0) place: vec2<f32>,
    @location(1) @interpolate(flat) length: f32,
    // From the left edge.
    @location(2) across: f32,
};

const FAR: f32 = 32768.0;
const STAIR: u32 = 1u;
const DOTS: u32 = 2u;

fn pixel(point: vec2<f32>) -> vec2<f32> {
    let x = (point.x - curve.t0) * curve.pixels_per_second;
    let y = (curve.y_max - point.y) * curve.pixels_per_unit;
    return clamp(vec2<f32>(x, y), vec2<f32>(-FAR), vec2<f32>(FAR));
}

// By its bits: a compiler may assume that no value is NaN.
fn is_finite(value: f32) -> bool {
    return (bitcast<u32>(value) & 0x7f800000u) != 0x7f800000u;
}

@vertex
fn vertex(@builtin(vertex_index) index: u32, @location(0) start: vec2<f32>, @location(1) end: vec2<f32>) -> Corner {
    var corner: Corner;
    if (!is_finite(start.y) || (!is_finite(end.y) && curve.shape != DOTS)) {
        // A gap: all four corners are one point outside.
        corner.position = vec4<f32>(2.0, 2.0, 0.0, 1.0);
        corner.place = vec2<f32>(0.0);
        corner.length = 0.0;
        corner.across = 0.0;
        return corner;
    }
    var a = pixel(start);
    var b = pixel(end);
    var turn = index;
    if (curve.shape == DOTS) {
        b = a;
    } else if (curve.shape == STAIR) {
        // Corners 0 to 3 are along, 6 to 9 up or down; 4 repeats 3 and 5 repeats 6, so that nothing joins them.
        let knee = vec2<f32>(b.x, a.y);
        if (index < 5u) {
            b = knee;
            turn = min(index, 3u);
        } else {
            a = knee;
            turn = max(index, 6u) - 6u;
        }
    }
    let length = length(b - a);
    var along = vec2<f32>(1.0, 0.0);
    if (length > 1e-6) {
        along = (b - a) / length;
    }
    let across = vec2<f32>(-along.y, along.x);
    let reach = curve.half_width + 0.5;
    let place = vec2<f32>(
        select(-reach, length + reach, (turn & 2u) == 2u),
        select(-reach, reach, (turn & 1u) == 1u),
    );
    let at = a + along * place.x + across * place.y;
    corner.position = vec4<f32>(at.x / curve.size.x * 2.0 - 1.0, 1.0 - at.y / curve.size.y * 2.0, 0.0, 1.0);
    corner.place = place;
    corner.length = length;
    corner.across = at.x;
    return corner;
}

@fragment
fn fragment(corner: Corner) -> @location(0) vec4<f32> {
    let beyond = max(max(-corner.place.x, corner.place.x - corner.length), 0.0);
    let distance = length(vec2<f32>(beyond, corner.place.y));
    var coverage = clamp(curve.half_width + 0.5 - distance, 0.0, 1.0);
    if (curve.dash.y > 0.0) {
        // Along the time axis and fixed to the data: dashes scroll with the curve.
        let into = fract((corner.across + curve.dash.z) / curve.dash.y) * curve.dash.y;
        coverage *= clamp(min(into, curve.dash.x - into) + 0.5, 0.0, 1.0);
    }
    return vec4<f32>(curve.color.rgb, curve.color.a * coverage);
}
