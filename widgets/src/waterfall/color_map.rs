//! Colours for levels: even steps of the level look like even steps of the colour, also to colour-blind eyes.

use iced::Color;

/// How many colours a table has.
pub(super) const ENTRIES: usize = 256;

/// Which colours levels have, from the lowest to the highest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ColorMap {
    /// From violet through green to yellow.
    #[default]
    Viridis,
    /// From black through purple to pale yellow.
    Magma,
    /// From black to white.
    Gray,
}

/// One row for each power of the level: red, green, blue.
type Polynomial = [[f64; 3]; 7];

// The polynomials of degree six that Matt Zucker fitted to the tables of matplotlib (CC0, after Nathaniel Smith and
// Stéfan van der Walt): "colormaps", https://www.shadertoy.com/view/WlfXRN.
const VIRIDIS: Polynomial = [
    [
        0.277_727_327_223_417_7,
        0.005_407_344_544_966_578,
        0.334_099_805_335_306_1,
    ],
    [0.105_093_043_108_577_4, 1.404_613_529_898_575, 1.384_590_162_594_685],
    [
        -0.330_861_828_725_556_3,
        0.214_847_559_468_213,
        0.095_095_163_028_236_59,
    ],
    [-4.634_230_498_983_486, -5.799_100_973_351_585, -19.332_440_956_279_87],
    [6.228_269_936_347_081, 14.179_933_366_805_09, 56.690_552_600_681_05],
    [4.776_384_997_670_288, -13.745_145_377_746_01, -65.353_032_633_372_34],
    [-5.435_455_855_934_631, 4.645_852_612_178_535, 26.312_435_249_583_2],
];
const MAGMA: Polynomial = [
    [
        -0.002_136_485_053_939_582,
        -0.000_749_655_052_795_221,
        -0.005_386_127_855_323_933,
    ],
    [0.251_660_540_737_164_2, 0.677_523_243_683_766_8, 2.494_026_599_312_351],
    [8.353_717_279_216_625, -3.577_719_514_958_484, 0.314_467_903_013_257_3],
    [-27.668_733_085_768_66, 14.264_730_780_965_33, -13.649_213_188_139_22],
    [52.176_139_812_340_68, -27.943_606_071_683_51, 12.944_169_442_383_94],
    [-50.768_525_364_735_88, 29.046_582_821_272_91, 4.234_152_993_845_98],
    [18.655_705_065_918_83, -11.489_773_519_977_11, -5.601_961_508_734_096],
];

impl ColorMap {
    /// Every map, in the order of a menu.
    pub const ALL: [ColorMap; 3] = [ColorMap::Viridis, ColorMap::Magma, ColorMap::Gray];

    /// The colour of a level, 0 being the lowest and 1 the highest.
    pub fn color(self, level: f32) -> Color {
        let level = f64::from(level.clamp(0.0, 1.0));
        let polynomial = match self {
            ColorMap::Viridis => &VIRIDIS,
            ColorMap::Magma => &MAGMA,
            // Close to even steps of lightness, and never as dark as the ground.
            ColorMap::Gray => {
                let gray = (0.08 + 0.90 * level) as f32;
                return Color::from_rgb(gray, gray, gray);
            }
        };
        let [r, g, b] = [0, 1, 2].map(|channel| {
            let value = polynomial.iter().rev().fold(0.0, |sum, row| sum * level + row[channel]);
            value.clamp(0.0, 1.0) as f32
        });
        Color::from_rgb(r, g, b)
    }

    /// The colours of evenly spaced levels.
    pub(super) fn table(self) -> [Color; ENTRIES] {
        std::array::from_fn(|index| self.color(index as f32 / (ENTRIES - 1) as f32))
    }
}

impl std::fmt::Display for ColorMap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ColorMap::Viridis => "Viridis",
            ColorMap::Magma => "Magma",
            ColorMap::Gray => "Gray",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lightness of CIE L*a*b*, 0 to 100.
    fn lightness(color: Color) -> f32 {
        let luminance = color.relative_luminance();
        if luminance > 0.008_856 {
            116.0 * luminance.cbrt() - 16.0
        } else {
            903.3 * luminance
        }
    }

    #[test]
    fn lightness_rises_with_the_level() {
        for map in ColorMap::ALL {
            let table = map.table();
            for pair in table.windows(2) {
                assert!(
                    lightness(pair[1]) > lightness(pair[0]) - 0.02,
                    "{map}: {:?} {:?}",
                    pair[0],
                    pair[1]
                );
            }
            // And it does so in even steps.
            let (low, high) = (lightness(table[0]), lightness(table[ENTRIES - 1]));
            assert!(high - low > 70.0, "{map}");
            for (index, color) in table.iter().enumerate() {
                let even = low + (high - low) * index as f32 / (ENTRIES - 1) as f32;
                assert!((lightness(*color) - even).abs() < 6.0, "{map} {index}");
            }
        }
    }

    #[test]
    fn the_ends_are_those_of_the_published_tables() {
        let close = |color: Color, [r, g, b]: [u8; 3]| {
            let [x, y, z, _] = color.into_rgba8();
            x.abs_diff(r) <= 6 && y.abs_diff(g) <= 6 && z.abs_diff(b) <= 6
        };
        for (map, level, rgb) in [
            (ColorMap::Viridis, 0.0, [0x44, 0x01, 0x54]),
            (ColorMap::Viridis, 0.5, [0x21, 0x91, 0x8C]),
            (ColorMap::Viridis, 1.0, [0xFD, 0xE7, 0x25]),
            (ColorMap::Magma, 0.0, [0x00, 0x00, 0x04]),
            (ColorMap::Magma, 0.5, [0xB7, 0x37, 0x79]),
            (ColorMap::Magma, 1.0, [0xFC, 0xFD, 0xBF]),
        ] {
            assert!(close(map.color(level), rgb), "{map} {level}: {:?}", map.color(level));
        }
    }

    #[test]
    fn what_is_out_of_range_has_the_colour_of_an_end() {
        for map in ColorMap::ALL {
            assert_eq!(map.color(-3.0), map.color(0.0));
            assert_eq!(map.color(f32::INFINITY), map.color(1.0));
        }
    }
}
