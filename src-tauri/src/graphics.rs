//! Painting without a graphics card.
//!
//! Whoever opens the first window of a display with GTK has it look for OpenGL. Where there is no card that finds the
//! software renderer, a compiler among it: 30 MB for as long as the program runs, in a window that is painted without it.

use std::fs;
use std::path::Path;

/// Keeps GTK from looking for OpenGL where no graphics card has it, unless somebody has said what it is to do. To be
/// called before there is another thread, for it changes the environment.
pub(crate) fn prepare() {
    if !has_card(Path::new("/dev"))
        && let Err(error) = glib::setenv("GDK_GL", "disable", false)
    {
        tracing::debug!(%error, "GTK will look for OpenGL");
    }
}

/// Whether a system may draw with more than its processor: by a driver of the kernel's, by Nvidia's own, or by that of the
/// Windows around it.
fn has_card(devices: &Path) -> bool {
    let names = |folder: &Path| {
        let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect::<Vec<_>>()
    };
    names(&devices.join("dri")).iter().any(|name| name.starts_with("renderD"))
        || names(devices).iter().any(|name| name == "nvidiactl" || name == "dxg")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_known_by_its_device() {
        for (device, expected) in [
            ("dri/renderD128", true),
            ("nvidiactl", true),
            ("dxg", true),
            // A screen without a card behind it.
            ("dri/card0", false),
            ("null", false),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join(device);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
            assert_eq!(has_card(folder.path()), expected, "{device}");
        }
        assert!(!has_card(Path::new("/nowhere")));
    }
}
