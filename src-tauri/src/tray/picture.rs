//! The pictures, which are part of the program: each state once for dark panels and once for light ones.

use tauri::image::Image;

use super::panel::Tone;
use crate::present::Glyph;

/// One state's pictures: bright and dark, each in the two sizes that panels ask for most.
macro_rules! pictures {
    ($name:literal) => {
        [
            [
                include_bytes!(concat!("../../../icons/tray/", $name, "-bright-22.png")).as_slice(),
                include_bytes!(concat!("../../../icons/tray/", $name, "-bright.png")).as_slice(),
            ],
            [
                include_bytes!(concat!("../../../icons/tray/", $name, "-dark-22.png")).as_slice(),
                include_bytes!(concat!("../../../icons/tray/", $name, "-dark.png")).as_slice(),
            ],
        ]
    };
}

/// The pictures for a state, smallest first, as the `StatusNotifierItem` protocol has them: 32 bits a pixel, alpha, red,
/// green, blue.
pub(super) fn of(glyph: Glyph, tone: Tone) -> Vec<ksni::Icon> {
    let [bright, dark] = match glyph {
        Glyph::Synced => pictures!("synced"),
        Glyph::Syncing => pictures!("syncing"),
        Glyph::Pending => pictures!("pending"),
        Glyph::Offline => pictures!("offline"),
        Glyph::Paused => pictures!("paused"),
        Glyph::Attention => pictures!("attention"),
        Glyph::Failed => pictures!("failed"),
        Glyph::SignIn => pictures!("sign-in"),
    };
    let sizes = match tone {
        Tone::Bright => bright,
        Tone::Dark => dark,
    };
    sizes.into_iter().filter_map(decoded).collect()
}

fn decoded(png: &[u8]) -> Option<ksni::Icon> {
    let image = Image::from_bytes(png).ok()?;
    let mut data = image.rgba().to_vec();
    for pixel in data.chunks_exact_mut(4) {
        pixel.rotate_right(1);
    }
    let (width, height) = (i32::try_from(image.width()).ok()?, i32::try_from(image.height()).ok()?);
    Some(ksni::Icon { width, height, data })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Glyph; 8] = [
        Glyph::Synced,
        Glyph::Syncing,
        Glyph::Pending,
        Glyph::Offline,
        Glyph::Paused,
        Glyph::Attention,
        Glyph::Failed,
        Glyph::SignIn,
    ];

    #[test]
    fn every_state_has_a_picture_of_its_own_for_both_panels() {
        let mut seen = Vec::new();
        for glyph in ALL {
            for tone in [Tone::Bright, Tone::Dark] {
                let sizes: Vec<_> = of(glyph, tone).iter().map(|icon| (icon.width, icon.height)).collect();
                assert_eq!(sizes, [(22, 22), (44, 44)], "{glyph:?} {tone:?}");
                let data = of(glyph, tone).swap_remove(1).data;
                assert!(!seen.contains(&data), "{glyph:?} {tone:?} looks like another");
                seen.push(data);
            }
        }
    }

    /// The mean brightness of what is opaque, from 0 to 255.
    fn brightness(icon: &ksni::Icon) -> u64 {
        let opaque = icon.data.chunks_exact(4).filter(|pixel| pixel[0] > 200);
        let (sum, count) = opaque.fold((0, 0), |(sum, count), pixel| {
            (sum + pixel[1..].iter().map(|part| u64::from(*part)).sum::<u64>(), count + 3)
        });
        sum / u64::max(count, 1)
    }

    #[test]
    fn bright_pictures_are_brighter_than_dark_ones() {
        for glyph in ALL {
            let of_tone = |tone| brightness(&of(glyph, tone)[1]);
            assert!(of_tone(Tone::Bright) > of_tone(Tone::Dark) + 20, "{glyph:?}");
        }
    }
}
