//! Starting with the desktop session: a desktop entry in the autostart folder of XDG's Desktop Application Autostart
//! Specification. The file itself is the setting, so that what a desktop's own tool says is never contradicted.

use std::path::{Path, PathBuf};

use synodic_engine::view::{Failure, FailureCode};

const FILE: &str = "synodic.desktop";

/// Whether the program starts with the session.
pub(crate) fn is_on() -> bool {
    folder().is_some_and(|folder| is_on_in(&folder))
}

/// Has the program start with the session, out of sight, or no longer.
pub(crate) fn set(on: bool) -> Result<(), Failure> {
    let folder = folder().ok_or_else(|| failure("this system has no folder for it"))?;
    set_in(&folder, on, &program()?).map_err(|error| failure(&format!("{}: {error}", folder.display())))
}

fn folder() -> Option<PathBuf> {
    directories::BaseDirs::new().map(|dirs| dirs.config_dir().join("autostart"))
}

/// The program as the session will find it: an `AppImage`'s own path is a mount that is gone tomorrow.
fn program() -> Result<PathBuf, Failure> {
    match std::env::var_os("APPIMAGE") {
        Some(image) => Ok(image.into()),
        None => std::env::current_exe().map_err(|error| failure(&error.to_string())),
    }
}

fn is_on_in(folder: &Path) -> bool {
    let entry = std::fs::read_to_string(folder.join(FILE)).unwrap_or_default();
    let says = |line: &str| entry.lines().any(|other| other.trim() == line);
    says("[Desktop Entry]") && !says("Hidden=true") && !says("X-GNOME-Autostart-enabled=false")
}

fn set_in(folder: &Path, on: bool, program: &Path) -> std::io::Result<()> {
    let file = folder.join(FILE);
    if on {
        std::fs::create_dir_all(folder)?;
        return std::fs::write(file, entry(program));
    }
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn entry(program: &Path) -> String {
    format!(
        "[Desktop Entry]\nType=Application\nName=Synodic\nComment=Keeps your calendars in step\nIcon=synodic\n\
         Exec={} --hidden\nTerminal=false\nX-GNOME-Autostart-enabled=true\n",
        quoted(&program.display().to_string())
    )
}

/// Quotes an argument as the Desktop Entry Specification wants it: within double quotes, and escaped twice, for the
/// string and for the command line.
fn quoted(argument: &str) -> String {
    let mut text = String::from("\"");
    for letter in argument.chars() {
        match letter {
            '"' | '`' | '$' => text.extend(["\\\\", letter.encode_utf8(&mut [0; 4])]),
            '\\' => text.push_str("\\\\\\\\"),
            '%' => text.push_str("%%"),
            letter => text.push(letter),
        }
    }
    text + "\""
}

fn failure(reason: &str) -> Failure {
    let message = format!("Starting with the desktop could not be changed: {reason}");
    Failure { code: FailureCode::Storage, message, field: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_the_setting() {
        let folder = tempfile::tempdir().unwrap();
        let autostart = folder.path().join("autostart");
        assert!(!is_on_in(&autostart));
        set_in(&autostart, true, Path::new("/opt/My programs/synodic")).unwrap();
        assert!(is_on_in(&autostart));
        let entry = std::fs::read_to_string(autostart.join(FILE)).unwrap();
        assert!(entry.contains("Exec=\"/opt/My programs/synodic\" --hidden\n"), "{entry}");
        // As a desktop's own tool switches it off.
        std::fs::write(autostart.join(FILE), entry.clone() + "Hidden=true\n").unwrap();
        assert!(!is_on_in(&autostart));
        set_in(&autostart, true, Path::new("/usr/bin/synodic")).unwrap();
        set_in(&autostart, false, Path::new("/usr/bin/synodic")).unwrap();
        set_in(&autostart, false, Path::new("/usr/bin/synodic")).unwrap();
        assert!(!is_on_in(&autostart));
    }

    #[test]
    fn a_path_is_quoted_for_a_desktop_entry() {
        assert_eq!(quoted("/a b/$x%"), "\"/a b/\\\\$x%%\"");
    }
}
