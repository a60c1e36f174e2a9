//! Fits the sunglasses classifier on faces over which sunglasses are drawn. See `training/README.md`.
//!
//! `cargo run -p canter-vision --example fit-sunglasses -- <folder with the portraits> [samples per person]`
#![expect(
    clippy::print_stdout,
    clippy::many_single_char_names,
    reason = "a command-line tool full of geometry"
)]

use std::collections::BTreeMap;
use std::f32::consts::PI;
use std::fmt::Write as _;

use vision::{Face, Limits, Models, Picture, Point, decode};

/// File name and who it shows; a person is held out with all pictures.
const PORTRAITS: [(&str, &str); 6] = [
    ("astronaut.png", "Collins"),
    ("grace_hopper.jpg", "Hopper"),
    ("obama.jpg", "Obama"),
    ("obama2.jpg", "Obama"),
    ("obama3.jpg", "Obama"),
    ("biden.jpg", "Biden"),
];
/// Wears eyeglasses with a thick frame.
const BESPECTACLED: &str = "grace_hopper.jpg";

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("the folder with the portraits");
    let per_person: usize = arguments
        .next()
        .map_or(1200, |number| number.parse().expect("a number of samples"));
    let models = Models::load().expect("the models load");
    let mut random = Random(42);
    let mut samples = Vec::new();
    let mut lost = 0;
    for (file, person) in PORTRAITS {
        let bytes = std::fs::read(format!("{folder}/{file}")).expect("the portrait is there");
        let picture = decode(&bytes, &Limits::default()).expect("the portrait is whole");
        let face = models.detect(&picture).expect("the detector runs")[0];
        let pictures = PORTRAITS
            .iter()
            .filter(|(_, other)| *other == person)
            .count();
        for index in 0..per_person / pictures {
            let worn = index % 2 == 0;
            let (canvas, kind) = compose(&picture, &face, worn, file == BESPECTACLED, &mut random);
            let composed = canvas.finish(&mut random);
            let faces = models.detect(&composed).expect("the detector runs");
            let Some(found) = faces.first() else {
                lost += 1;
                continue;
            };
            let measures = Models::sunglasses_measures(&composed, found);
            samples.push(Sample {
                person,
                kind,
                worn,
                measures,
                picture: composed,
            });
        }
    }
    println!(
        "{} samples, {lost} faces lost to the detector",
        samples.len()
    );

    let mut table = String::new();
    for Sample {
        person,
        kind,
        worn,
        measures,
        ..
    } in &samples
    {
        writeln!(table, "{person},{kind},{worn},{measures:?}").expect("a string grows");
    }
    std::fs::write(format!("{folder}/measures.csv"), table).expect("the folder can be written");

    let people = ["Collins", "Hopper", "Obama", "Biden"];
    let (mut missed, mut worn, mut false_alarms, mut bare) = (0, 0, 0, 0);
    for held_out in people {
        let (test, train): (Vec<_>, Vec<_>) =
            samples.iter().partition(|sample| sample.person == held_out);
        let net = Net::fit(&train, &mut Random(7));
        let mut wrong: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        let (mut m, mut w, mut f, mut b) = (0, 0, 0, 0);
        for sample in &test {
            let said = net.probability(&sample.measures) >= 0.5;
            if sample.worn {
                w += 1;
                m += usize::from(!said);
            } else {
                b += 1;
                f += usize::from(said);
            }
            let entry = wrong.entry(sample.kind).or_insert((0, 0));
            if said != sample.worn && entry.0 < 6 {
                let path = format!("{folder}/wrong-{held_out}-{}-{}.jpg", sample.kind, entry.0);
                save(&sample.picture, &path.replace(' ', "-"));
            }
            entry.0 += usize::from(said != sample.worn);
            entry.1 += 1;
        }
        println!(
            "held out {held_out}: missed {m} of {w}, false alarms {f} of {b}; by kind {wrong:?}"
        );
        missed += m;
        worn += w;
        false_alarms += f;
        bare += b;
    }
    println!("all held out: missed {missed} of {worn}, false alarms {false_alarms} of {bare}");
    let all: Vec<_> = samples.iter().collect();
    let net = Net::fit(&all, &mut Random(7));
    std::fs::write(format!("{folder}/coefficients.rs"), net.source())
        .expect("the folder can be written");
    println!("wrote {folder}/coefficients.rs");
}

struct Sample {
    person: &'static str,
    kind: &'static str,
    worn: bool,
    measures: Vec<f32>,
    picture: Picture,
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 40) as f32 / (1 << 24) as f32
    }

    fn between(&mut self, from: f32, to: f32) -> f32 {
        from + (to - from) * self.unit()
    }

    fn chance(&mut self, share: f32) -> bool {
        self.unit() < share
    }

    fn bell(&mut self) -> f32 {
        (0..12).map(|_| self.unit()).sum::<f32>() - 6.0
    }
}

/// Linear-ish light from 0 to 1, three values a pixel.
struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<[f32; 3]>,
    landmarks: [Point; 5],
}

/// A crop around the face, turned, squeezed and scaled at random, with or without sunglasses, and what was drawn.
fn compose(
    picture: &Picture,
    face: &Face,
    worn: bool,
    bespectacled: bool,
    random: &mut Random,
) -> (Canvas, &'static str) {
    let mut canvas = crop(picture, face, random);
    relight(&mut canvas, random);
    let kind = if worn {
        sunglasses(&mut canvas, bespectacled, random)
    } else {
        match (random.unit() * 14.0) as u32 {
            0..=3 => "bare",
            4..=6 => {
                clear_glasses(&mut canvas, random);
                "clear glasses"
            }
            7 | 8 => {
                shadow(&mut canvas, random);
                "shadow"
            }
            9 | 10 => {
                make_up(&mut canvas, random);
                "make-up"
            }
            11 | 12 => {
                half_shadow(&mut canvas, random);
                "half shadow"
            }
            _ => {
                shadow(&mut canvas, random);
                clear_glasses(&mut canvas, random);
                "shadow and clear glasses"
            }
        }
    };
    (canvas, kind)
}

fn crop(picture: &Picture, face: &Face, random: &mut Random) -> Canvas {
    let target = random.between(45.0, 200.0); // face width on the canvas
    let scale = target / face.bounds.width;
    let side = (target * 2.2) as usize;
    let angle = random.between(-0.25, 0.25);
    let (squeeze, shear) = (random.between(0.7, 1.1), random.between(-0.12, 0.12));
    let flip = if random.chance(0.5) { -1.0 } else { 1.0 };
    let centre = (
        face.bounds.left + face.bounds.width / 2.0,
        face.bounds.top + face.bounds.height / 2.0,
    );
    let middle = side as f32 / 2.0;
    let (sin, cos) = angle.sin_cos();
    // Forward: flip and squeeze, shear, rotate, scale.
    let forward = |point: Point| {
        let (x, y) = ((point.x - centre.0) * flip * squeeze, point.y - centre.1);
        let y = y + shear * x;
        Point {
            x: (cos * x - sin * y) * scale + middle,
            y: (sin * x + cos * y) * scale + middle,
        }
    };
    let back = |x: f32, y: f32| {
        let (x, y) = ((x - middle) / scale, (y - middle) / scale);
        let (x, y) = (cos * x + sin * y, cos * y - sin * x);
        let y = y - shear * x;
        (x / squeeze * flip + centre.0, y + centre.1)
    };
    let samples = (1.0 / scale).ceil().clamp(1.0, 4.0) as usize;
    let mut pixels = Vec::with_capacity(side * side);
    for y in 0..side {
        for x in 0..side {
            let mut sum = [0.0; 3];
            for index in 0..samples * samples {
                let offset = |n: usize| (n as f32 + 0.5) / samples as f32 - 0.5;
                let (u, v) = back(
                    x as f32 + offset(index % samples),
                    y as f32 + offset(index / samples),
                );
                let u = (u.max(0.0) as usize).min(picture.width() as usize - 1);
                let v = (v.max(0.0) as usize).min(picture.height() as usize - 1);
                let at = (v * picture.width() as usize + u) * 3;
                for (sum, value) in sum.iter_mut().zip(&picture.rgb()[at..at + 3]) {
                    *sum += f32::from(*value) / 255.0;
                }
            }
            pixels.push(sum.map(|value| value / (samples * samples) as f32));
        }
    }
    let mut landmarks = face.landmarks.map(forward);
    if flip < 0.0 {
        landmarks.swap(0, 1);
        landmarks.swap(3, 4);
    }
    Canvas {
        width: side,
        height: side,
        pixels,
        landmarks,
    }
}

/// Coordinates along the eyes' line, in eye distances, from the middle between the eyes.
struct Frame {
    middle: Point,
    along: (f32, f32),
    eyes: f32,
    /// Where the nose tip is along the eyes' line: a turned head shows one side narrower.
    turn: f32,
}

impl Frame {
    fn of(canvas: &Canvas) -> Self {
        let [left, right, nose, ..] = canvas.landmarks;
        let eyes = (right.x - left.x).hypot(right.y - left.y);
        let along = ((right.x - left.x) / eyes, (right.y - left.y) / eyes);
        let middle = Point {
            x: f32::midpoint(left.x, right.x),
            y: f32::midpoint(left.y, right.y),
        };
        let turn = ((nose.x - middle.x) * along.0 + (nose.y - middle.y) * along.1) / eyes;
        Self {
            middle,
            along,
            eyes,
            turn,
        }
    }

    fn place(&self, x: usize, y: usize) -> (f32, f32) {
        let (dx, dy) = (x as f32 - self.middle.x, y as f32 - self.middle.y);
        (
            (dx * self.along.0 + dy * self.along.1) / self.eyes,
            (dy * self.along.0 - dx * self.along.1) / self.eyes,
        )
    }
}

/// The outline of a pair of glasses, in eye distances.
struct Shape {
    radius: (f32, f32),
    /// 2 is an ellipse, 6 nearly a rectangle.
    roundness: f32,
    centre: (f32, f32),
    /// Aviators hang outwards and down.
    droop: f32,
    cat: f32,
    rim: f32,
    bridge: f32,
    temple: bool,
    turn: f32,
}

impl Shape {
    fn random(random: &mut Random, turn: f32) -> Self {
        let wide = random.between(0.36, 0.52);
        Self {
            radius: (wide, wide * random.between(0.6, 0.95)),
            roundness: random.between(2.0, 5.0),
            centre: (random.between(0.48, 0.58), random.between(-0.02, 0.16)),
            droop: if random.chance(0.4) {
                random.between(0.0, 0.3)
            } else {
                0.0
            },
            cat: if random.chance(0.3) {
                random.between(0.0, 0.3)
            } else {
                0.0
            },
            rim: if random.chance(0.75) {
                random.between(0.01, 0.06)
            } else {
                0.005
            },
            bridge: random.between(0.02, 0.09),
            temple: random.chance(0.8),
            turn,
        }
    }

    /// How far outside the nearer lens's edge a place is, in eye distances; negative inside.
    fn distance(&self, (x, y): (f32, f32)) -> f32 {
        let side = x.signum();
        // The far side of a turned head is foreshortened.
        let narrow = (1.0 - 1.2 * self.turn * side).clamp(0.55, 1.3);
        let out = (x * side - self.centre.0) / narrow.min(1.05);
        let down = y - self.centre.1 - self.droop * out * 0.4 + self.cat * out * 0.5;
        let wide =
            self.radius.0 * (1.0 - self.droop * 0.4 * (down / self.radius.1).clamp(-1.0, 1.0));
        let (u, v) = ((out / wide).abs(), (down / self.radius.1).abs());
        let reach = (u.powf(self.roundness) + v.powf(self.roundness)).powf(1.0 / self.roundness);
        (reach - 1.0) * self.radius.1
    }

    /// How much of a place is frame: rims, bridge and temples.
    fn frame(&self, place: (f32, f32), soft: f32) -> f32 {
        let rim = smooth(self.rim - self.distance(place).abs(), soft);
        let (x, y) = place;
        let bridge_row = self.centre.1 - self.radius.1 * 0.35;
        let bridge = if x.abs() < self.centre.0 - self.radius.0 * 0.8 {
            smooth(self.bridge / 2.0 - (y - bridge_row).abs(), soft)
        } else {
            0.0
        };
        let temple_row = self.centre.1 - self.radius.1 * 0.4;
        let temple =
            if self.temple && x.abs() > self.centre.0 + self.radius.0 * 0.9 && x.abs() < 1.15 {
                smooth(self.rim.max(0.02) - (y - temple_row).abs(), soft)
            } else {
                0.0
            };
        rim.max(bridge).max(temple)
    }
}

/// 0 below zero, 1 above, with a soft edge.
fn smooth(value: f32, soft: f32) -> f32 {
    (value / soft + 0.5).clamp(0.0, 1.0)
}

fn mix(pixel: &mut [f32; 3], colour: [f32; 3], share: f32) {
    for (value, colour) in pixel.iter_mut().zip(colour) {
        *value += (colour - *value) * share;
    }
}

fn frame_colour(random: &mut Random) -> [f32; 3] {
    match (random.unit() * 4.0) as u32 {
        0 | 1 => [random.between(0.0, 0.12); 3],
        2 => {
            let grey = random.between(0.4, 0.9); // metal
            [
                grey,
                grey * random.between(0.8, 1.0),
                grey * random.between(0.6, 1.0),
            ]
        }
        _ => [
            random.unit() * 0.7,
            random.unit() * 0.5,
            random.unit() * 0.5,
        ],
    }
}

/// Light thrown back by a lens: a sky above a horizon, and spots.
struct Reflection {
    sky: [f32; 3],
    strength: f32,
    horizon: f32,
    slope: f32,
    /// How softly the sky ends, in eye distances.
    edge: f32,
    /// Window bars, trees: changes of the light along the lens.
    stripes: f32,
    spots: Vec<(f32, f32, f32, f32)>,
}

impl Reflection {
    fn random(random: &mut Random, mirror: bool) -> Self {
        let blue = random.between(0.5, 1.0);
        let spots = if random.chance(0.6) {
            1 + (random.unit() * 3.0) as usize
        } else {
            0
        };
        Self {
            sky: if mirror {
                [
                    random.between(0.1, 1.0),
                    random.between(0.3, 1.0),
                    random.between(0.3, 1.0),
                ]
            } else {
                [
                    blue * random.between(0.7, 1.0),
                    blue * random.between(0.85, 1.0),
                    blue,
                ]
            },
            strength: if mirror {
                random.between(0.4, 0.8)
            } else {
                random.between(0.0, 0.45)
            },
            edge: random.between(0.02, 0.4),
            stripes: if random.chance(0.4) {
                random.between(4.0, 25.0)
            } else {
                0.0
            },
            horizon: random.between(-0.2, 0.3),
            slope: random.between(-1.0, 1.0),
            spots: (0..spots)
                .map(|_| {
                    (
                        random.between(-0.25, 0.25),
                        random.between(-0.15, 0.2),
                        random.between(0.02, 0.09),
                        random.between(0.2, 1.0),
                    )
                })
                .collect(),
        }
    }

    /// Colour and share at a place relative to a lens's centre.
    fn at(&self, x: f32, y: f32) -> ([f32; 3], f32) {
        let bars = 0.6 + 0.4 * (self.stripes * (x + 0.3 * y)).cos();
        let sky = smooth(self.horizon + self.slope * x - y, self.edge) * self.strength * bars;
        let spot = self
            .spots
            .iter()
            .map(|(sx, sy, size, light)| {
                light * (-((x - sx).powi(2) + (y - sy).powi(2)) / (size * size)).exp()
            })
            .fold(0.0, f32::max);
        if spot > sky {
            ([1.0; 3], spot)
        } else {
            (self.sky, sky)
        }
    }
}

fn sunglasses(canvas: &mut Canvas, bespectacled: bool, random: &mut Random) -> &'static str {
    let frame = Frame::of(canvas);
    let mut shape = Shape::random(random, frame.turn);
    if bespectacled {
        // Let the drawn pair cover the real one.
        shape.radius.0 = shape.radius.0.max(0.42);
        shape.radius.1 = shape.radius.1.max(0.33);
    }
    let mirror = random.chance(0.12);
    let light = !mirror && random.chance(0.12);
    let through = if light {
        random.between(0.2, 0.35)
    } else {
        random.between(0.02, 0.2)
    };
    let tint = [
        through * random.between(0.6, 1.3),
        through * random.between(0.6, 1.2),
        through * random.between(0.4, 1.1),
    ];
    let glow = random.between(0.0, 0.06);
    let fade = if !light && random.chance(0.35) {
        random.between(0.0, 0.3)
    } else {
        0.0
    };
    let reflection = Reflection::random(random, mirror);
    let colour = frame_colour(random);
    let soft = 1.2 / frame.eyes;
    for y in 0..canvas.height {
        for x in 0..canvas.width {
            let place = frame.place(x, y);
            let pixel = &mut canvas.pixels[y * canvas.width + x];
            let lens = smooth(-shape.distance(place), soft);
            if lens > 0.0 {
                let (dx, dy) = (place.0.abs() - shape.centre.0, place.1 - shape.centre.1);
                let clearer = fade * f32::midpoint(dy / shape.radius.1, 1.0).clamp(0.0, 1.0);
                let mut behind = *pixel;
                for (value, tint) in behind.iter_mut().zip(tint) {
                    *value = *value * (tint + clearer).min(1.0) + glow;
                }
                let (sky, share) = reflection.at(place.0.signum() * dx, dy);
                mix(&mut behind, sky, share);
                mix(pixel, behind, lens);
            }
            let rim = shape.frame(place, soft);
            mix(pixel, colour, rim);
        }
    }
    match (mirror, light) {
        (true, _) => "mirror lenses",
        (_, true) => "light lenses",
        _ => "dark lenses",
    }
}

fn clear_glasses(canvas: &mut Canvas, random: &mut Random) {
    let frame = Frame::of(canvas);
    let mut shape = Shape::random(random, frame.turn);
    shape.rim = random.between(0.005, 0.045);
    let through = random.between(0.85, 1.0);
    let mut reflection = Reflection::random(random, false);
    reflection.strength *= 0.8;
    let colour = frame_colour(random);
    let soft = 1.2 / frame.eyes;
    for y in 0..canvas.height {
        for x in 0..canvas.width {
            let place = frame.place(x, y);
            let pixel = &mut canvas.pixels[y * canvas.width + x];
            let lens = smooth(-shape.distance(place), soft);
            if lens > 0.0 {
                let (dx, dy) = (place.0.abs() - shape.centre.0, place.1 - shape.centre.1);
                let mut behind = pixel.map(|value| value * through);
                let (sky, share) = reflection.at(place.0.signum() * dx, dy);
                mix(&mut behind, sky, share);
                mix(pixel, behind, lens);
            }
            let rim = shape.frame(place, soft);
            mix(pixel, colour, rim);
        }
    }
}

/// Broad patches of light and shade over the face, as other people's faces have them elsewhere.
fn relight(canvas: &mut Canvas, random: &mut Random) {
    let frame = Frame::of(canvas);
    let patches: Vec<_> = (0..8)
        .map(|_| {
            (
                random.between(-1.0, 1.0),
                random.between(-0.7, 1.4),
                random.between(0.25, 0.7),
                random.between(-0.45, 0.35),
            )
        })
        .collect();
    let warm = random.between(-0.12, 0.12);
    for y in 0..canvas.height {
        for x in 0..canvas.width {
            let (u, v) = frame.place(x, y);
            let light: f32 = patches
                .iter()
                .map(|(pu, pv, size, light)| {
                    light * (-((u - pu).powi(2) + (v - pv).powi(2)) / (size * size)).exp()
                })
                .sum();
            let [r, g, b] = &mut canvas.pixels[y * canvas.width + x];
            *r *= (light + warm).exp();
            *g *= light.exp();
            *b *= (light - warm).exp();
        }
    }
}

/// A brim's or a brow's shadow over the eyes, or over all from above the nose.
fn shadow(canvas: &mut Canvas, random: &mut Random) {
    let frame = Frame::of(canvas);
    let depth = random.between(0.2, 0.65);
    let from = random.between(-0.9, -0.3);
    let to = random.between(0.15, 0.7);
    let soft = random.between(0.12, 0.6);
    let slope = random.between(-0.3, 0.3);
    for y in 0..canvas.height {
        for x in 0..canvas.width {
            let (u, v) = frame.place(x, y);
            let v = v + slope * u;
            let share = smooth(v - from, soft) * smooth(to - v, soft);
            for value in &mut canvas.pixels[y * canvas.width + x] {
                *value *= 1.0 - depth * share;
            }
        }
    }
}

/// Light from one side.
fn half_shadow(canvas: &mut Canvas, random: &mut Random) {
    let frame = Frame::of(canvas);
    let depth = random.between(0.3, 0.85);
    let side = if random.chance(0.5) { 1.0 } else { -1.0 };
    let soft = random.between(0.15, 1.5);
    let edge = random.between(-0.3, 0.3);
    for y in 0..canvas.height {
        for x in 0..canvas.width {
            let (u, _) = frame.place(x, y);
            let share = smooth(u * side - edge, soft);
            for value in &mut canvas.pixels[y * canvas.width + x] {
                *value *= 1.0 - depth * share;
            }
        }
    }
}

/// Dark sockets, brows and lids.
fn make_up(canvas: &mut Canvas, random: &mut Random) {
    let frame = Frame::of(canvas);
    let depth = random.between(0.3, 0.85);
    let (wide, high) = (random.between(0.14, 0.3), random.between(0.06, 0.18));
    let row = random.between(-0.12, 0.06);
    for y in 0..canvas.height {
        for x in 0..canvas.width {
            let (u, v) = frame.place(x, y);
            let share =
                (-((u.abs() - 0.5) / wide).powi(2) - ((v - row) / high).powi(2)).exp() * depth;
            for value in &mut canvas.pixels[y * canvas.width + x] {
                *value *= 1.0 - share;
            }
        }
    }
}

impl Canvas {
    /// The camera: exposure, gamma, colour cast, blur, noise, JPEG.
    fn finish(mut self, random: &mut Random) -> Picture {
        let gain = random.between(0.55, 1.35);
        let gamma = random.between(0.65, 1.7);
        let cast = [
            random.between(0.85, 1.15),
            random.between(0.92, 1.08),
            random.between(0.8, 1.15),
        ];
        let lift = if random.chance(0.3) {
            random.between(0.0, 0.12)
        } else {
            0.0
        };
        let grey = if random.chance(0.08) {
            1.0
        } else {
            random.between(0.0, 0.3)
        };
        for pixel in &mut self.pixels {
            let light = 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2];
            mix(pixel, [light; 3], grey);
            for (value, cast) in pixel.iter_mut().zip(cast) {
                *value = (*value).clamp(0.0, 1.0).powf(gamma) * gain * cast * (1.0 - lift) + lift;
            }
        }
        if random.chance(0.6) {
            let radius = random.between(0.3, (0.006 * self.width as f32).max(0.6));
            self.blur(radius);
        }
        let noise = random.between(0.0, 0.03);
        let rgb = self
            .pixels
            .iter()
            .flatten()
            .map(|value| {
                ((value + noise * random.bell()) * 255.0)
                    .round()
                    .clamp(0.0, 255.0) as u8
            })
            .collect();
        let picture = Picture::from_rgb(self.width as u32, self.height as u32, rgb)
            .expect("a canvas has all its pixels");
        let bytes = jpeg(&picture, random.between(50.0, 95.0) as u8);
        decode(&bytes, &Limits::default()).expect("we encoded it")
    }

    fn blur(&mut self, sigma: f32) {
        let reach = (sigma * 3.0).ceil() as i64;
        let weights: Vec<f32> = (-reach..=reach)
            .map(|at| {
                (-(at as f32).powi(2) / (2.0 * sigma * sigma)).exp() / (sigma * (2.0 * PI).sqrt())
            })
            .collect();
        let total: f32 = weights.iter().sum();
        for (dx, dy) in [(1, 0), (0, 1)] {
            let source = self.pixels.clone();
            for y in 0..self.height as i64 {
                for x in 0..self.width as i64 {
                    let mut sum = [0.0; 3];
                    for (index, weight) in weights.iter().enumerate() {
                        let at = index as i64 - reach;
                        let u = (x + dx * at).clamp(0, self.width as i64 - 1) as usize;
                        let v = (y + dy * at).clamp(0, self.height as i64 - 1) as usize;
                        for (sum, value) in sum.iter_mut().zip(source[v * self.width + u]) {
                            *sum += value * weight / total;
                        }
                    }
                    self.pixels[y as usize * self.width + x as usize] = sum;
                }
            }
        }
    }
}

fn jpeg(picture: &Picture, quality: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    jpeg_encoder::Encoder::new(&mut bytes, quality)
        .encode(
            picture.rgb(),
            picture.width() as u16,
            picture.height() as u16,
            jpeg_encoder::ColorType::Rgb,
        )
        .expect("a canvas can be encoded");
    bytes
}

fn save(picture: &Picture, path: &str) {
    std::fs::write(path, jpeg(picture, 92)).expect("the folder can be written");
}

const UNITS: usize = 12;
const STEPS: usize = 5000;
const BATCH: usize = 64;

/// Standardised measures, one hidden layer of tanh, a logistic output.
struct Net {
    mean: Vec<f32>,
    spread: Vec<f32>,
    /// A row a unit: weights, then the bias.
    hidden: Vec<Vec<f32>>,
    /// A weight a unit, then the bias.
    out: Vec<f32>,
}

impl Net {
    /// Adam on the cross-entropy with weight decay and labels softened by 2 %.
    fn fit(samples: &[&Sample], random: &mut Random) -> Self {
        let measures = samples[0].measures.len();
        let count = samples.len() as f32;
        let mean: Vec<f32> = (0..measures)
            .map(|m| samples.iter().map(|s| s.measures[m]).sum::<f32>() / count)
            .collect();
        let spread: Vec<f32> = (0..measures)
            .map(|m| {
                let square = samples.iter().map(|s| (s.measures[m] - mean[m]).powi(2));
                (square.sum::<f32>() / count).sqrt().max(1e-6)
            })
            .collect();
        let width = (measures as f32).sqrt();
        let hidden = (0..UNITS)
            .map(|_| (0..=measures).map(|_| random.bell() / width).collect())
            .collect();
        let out = (0..=UNITS)
            .map(|_| random.bell() / (UNITS as f32).sqrt())
            .collect();
        let mut net = Self {
            mean,
            spread,
            hidden,
            out,
        };
        let parameters = UNITS * (measures + 1) + UNITS + 1;
        let (mut first, mut second) = (vec![0.0_f32; parameters], vec![0.0_f32; parameters]);
        for step in 1..=STEPS {
            let mut slope = vec![0.0_f32; parameters];
            for _ in 0..BATCH {
                let sample = samples[(random.unit() * count) as usize % samples.len()];
                // Noise on the measures stands for the faces that were not there to be drawn on.
                let input: Vec<f32> = net
                    .standard(&sample.measures)
                    .iter()
                    .map(|value| value + 0.2 * random.bell())
                    .collect();
                let units = net.units(&input);
                let goal = if sample.worn { 0.98 } else { 0.02 };
                let error = (logistic(net.sum(&units)) - goal) / BATCH as f32;
                for (unit, value) in units.iter().enumerate() {
                    slope[UNITS * (measures + 1) + unit] += error * value;
                    let inner = error * net.out[unit] * (1.0 - value * value);
                    for (m, value) in input.iter().enumerate() {
                        slope[unit * (measures + 1) + m] += inner * value;
                    }
                    slope[unit * (measures + 1) + measures] += inner;
                }
                slope[parameters - 1] += error;
            }
            let rate = 0.01 * (1.0 - step as f32 / STEPS as f32) + 1e-4;
            let step = step as i32;
            for (index, slope) in slope.iter().enumerate() {
                let weight = net.parameter(index, measures);
                let slope = slope + 1e-3 * *weight;
                first[index] = 0.9 * first[index] + 0.1 * slope;
                second[index] = 0.999 * second[index] + 0.001 * slope * slope;
                let m = first[index] / (1.0 - 0.9_f32.powi(step));
                let v = second[index] / (1.0 - 0.999_f32.powi(step));
                *weight -= rate * m / (v.sqrt() + 1e-8);
            }
        }
        net
    }

    fn parameter(&mut self, index: usize, measures: usize) -> &mut f32 {
        match self.hidden.get_mut(index / (measures + 1)) {
            Some(row) => &mut row[index % (measures + 1)],
            None => &mut self.out[index - UNITS * (measures + 1)],
        }
    }

    fn standard(&self, measures: &[f32]) -> Vec<f32> {
        measures
            .iter()
            .zip(&self.mean)
            .zip(&self.spread)
            .map(|((value, mean), spread)| ((value - mean) / spread).clamp(-4.0, 4.0))
            .collect()
    }

    fn units(&self, input: &[f32]) -> Vec<f32> {
        self.hidden
            .iter()
            .map(|row| {
                let sum: f32 = row
                    .iter()
                    .zip(input)
                    .map(|(weight, value)| weight * value)
                    .sum();
                (sum + row[input.len()]).tanh()
            })
            .collect()
    }

    fn sum(&self, units: &[f32]) -> f32 {
        units
            .iter()
            .zip(&self.out)
            .map(|(unit, weight)| unit * weight)
            .sum::<f32>()
            + self.out[units.len()]
    }

    fn probability(&self, measures: &[f32]) -> f32 {
        logistic(self.sum(&self.units(&self.standard(measures))))
    }

    fn source(&self) -> String {
        let list = |values: &[f32]| {
            let values: Vec<String> = values.iter().map(|value| format!("{value:.4}")).collect();
            format!("[{}]", values.join(", "))
        };
        let measures = self.mean.len();
        let mut out = String::from(
            "//! Written by `cargo run -p canter-vision --example fit-sunglasses`; see `training/README.md`.\n\n\
             use super::sunglasses::MEASURES;\n\n",
        );
        let rows: Vec<String> = self
            .hidden
            .iter()
            .map(|row| list(&row[..measures]))
            .collect();
        let biases: Vec<f32> = self.hidden.iter().map(|row| row[measures]).collect();
        for (name, kind, value) in [
            ("MEAN", "[f32; MEASURES]".to_string(), list(&self.mean)),
            ("SPREAD", "[f32; MEASURES]".to_string(), list(&self.spread)),
            (
                "HIDDEN",
                format!("[[f32; MEASURES]; {UNITS}]"),
                format!("[{}]", rows.join(", ")),
            ),
            ("HIDDEN_BIAS", format!("[f32; {UNITS}]"), list(&biases)),
            ("OUT", format!("[f32; {UNITS}]"), list(&self.out[..UNITS])),
            ("BIAS", "f32".to_string(), format!("{:.4}", self.out[UNITS])),
        ] {
            writeln!(out, "pub(super) const {name}: {kind} = {value};").expect("a string grows");
        }
        out
    }
}

fn logistic(value: f32) -> f32 {
    1.0 / (1.0 + (-value).exp())
}
