// One instance per vertical line of pixels; what each line shows is worked out beforehand from the times of the
// columns, so no time passes through a number of 32 bits here.

struct Plot {
    // In pixels of the screen.
    size: vec2<f32>,
    db_low: f32,
    db_scale: f32,
    // From a place to a bin: a + b * place, or a * 2^(b * place) - c.
    frequency: vec3<f32>,
    is_log: u32,
    ground: vec4<f32>,
    hatch: vec4<f32>,
    bins: u32,
    // Bins that share a texel, where the device allows no larger texture.
    fold: u32,
    columns: u32,
    map: u32,
    hatch_distance: f32,
    hatch_width: f32,
    padding: vec2<f32>,
};

@group(0) @binding(0) var<uniform> plot: Plot;
// A column of the plot is a row of the texture.
@group(0) @binding(1) var ring: texture_2d<f32>;
@group(0) @binding(2) var table: texture_2d<f32>;

struct Corner {
    @builtin(position) position: vec4<f32>,
    // 0 at the lower edge, 1 at the upper one.
    @location(0) place: f32,
    // Line of pixels, slot of the ring, number of columns, fraction.
    @location(1) @interpolate(flat) line: vec4<u32>,
};

// What stands for a missing value; what is less is missing.
const MISSING: f32 = -1e30;
// The count of a line in a gap.
const GAP: u32 = 65535u;

@vertex
fn vertex(@builtin(vertex_index) index: u32, @location(0) line: vec4<u32>) -> Corner {
    let x = f32(line.x + (index >> 1u)) / plot.size.x;
    let place = f32(index & 1u);
    var corner: Corner;
    corner.position = vec4<f32>(x * 2.0 - 1.0, place * 2.0 - 1.0, 0.0, 1.0);
    corner.place = place;
    corner.line = line;
    return corner;
}

fn bin(place: f32) -> f32 {
    var bin = plot.frequency.x + plot.frequency.y * place;
    if (plot.is_log == 1u) {
        bin = plot.frequency.x * exp2(plot.frequency.y * place) - plot.frequency.z;
    }
    return (bin + 0.5) / f32(plot.fold) - 0.5;
}

// A value between two, the nearer one where the other is missing.
fn between(a: f32, b: f32, fraction: f32) -> f32 {
    if (min(a, b) > MISSING) {
        return mix(a, b, fraction);
    }
    return select(b, a, fraction < 0.5);
}

// What a column shows from one bin to another.
fn column(slot: u32, low: f32, high: f32) -> f32 {
    let last = i32(plot.bins) - 1;
    if (high - low > 1.0) {
        var peak = MISSING;
        let end = min(i32(ceil(high)), last + 1);
        for (var bin = max(i32(ceil(low)), 0); bin < end; bin += 1) {
            peak = max(peak, textureLoad(ring, vec2<i32>(bin, i32(slot)), 0).x);
        }
        return peak;
    }
    let middle = clamp((low + high) / 2.0, 0.0, f32(last));
    let below = i32(floor(middle));
    let a = textureLoad(ring, vec2<i32>(below, i32(slot)), 0).x;
    let b = textureLoad(ring, vec2<i32>(min(below + 1, last), i32(slot)), 0).x;
    return between(a, b, fract(middle));
}

fn missing(position: vec4<f32>) -> vec4<f32> {
    // Distance from the nearest line at 45°, along an axis.
    let phase = (position.x + position.y) / plot.hatch_distance;
    let distance = abs(phase - round(phase)) * plot.hatch_distance * 0.70710678;
    let coverage = clamp(plot.hatch_width / 2.0 + 0.5 - distance, 0.0, 1.0);
    return vec4<f32>(mix(plot.ground.rgb, plot.hatch.rgb, coverage), 1.0);
}

@fragment
fn fragment(corner: Corner) -> @location(0) vec4<f32> {
    let half = 0.5 / plot.size.y;
    let low = bin(corner.place - half);
    let high = bin(corner.place + half);
    let middle = (low + high) / 2.0;
    if (middle < -0.5 || middle > f32(plot.bins) - 0.5) {
        // Beyond what the columns hold.
        discard;
    }
    let slot = corner.line.y;
    let count = corner.line.z;
    var level = MISSING;
    if (count == 0u) {
        let a = column(slot, low, high);
        let b = column((slot + 1u) % plot.columns, low, high);
        level = between(a, b, f32(corner.line.w) / 65535.0);
    } else if (count != GAP) {
        for (var index = 0u; index < count; index += 1u) {
            level = max(level, column((slot + index) % plot.columns, low, high));
        }
    }
    if (level <= MISSING) {
        return missing(corner.position);
    }
    let share = clamp((level - plot.db_low) * plot.db_scale, 0.0, 1.0);
    let entry = i32(round(share * 255.0));
    return vec4<f32>(textureLoad(table, vec2<i32>(entry, i32(plot.map)), 0).rgb, 1.0);
}
