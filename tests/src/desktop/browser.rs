//! A person's browser, for pages that the program sends them to.
//!
//! It is WebKit's `MiniBrowser`, which comes with the library that the window is drawn by, driven by the WebDriver that
//! the window is driven by: nothing more has to be installed, which on Ubuntu, whose Chromium is a snap, would not even
//! be possible everywhere. It has a home folder of its own, for it sees addresses that the program's must not hold.

use std::path::{Path, PathBuf};

use fantoccini::{Client, Locator};
use url::Url;

use super::home::{Home, Program, free_port};
use super::story::Stage;
use super::wait::until;
use super::webdriver;

/// A browser window.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    _driver: Program,
    _home: Home,
}

impl Browser {
    /// Opens an empty window. Its logs go into the folder [`Browser::logs`].
    ///
    /// # Panics
    /// When it does not come up.
    pub async fn open(stage: &Stage) -> Self {
        let logs = Self::logs(stage);
        std::fs::create_dir_all(&logs).expect("a folder can be made");
        let home = Home::new(&logs);
        let port = free_port();
        let driver = webdriver::start(webdriver::command(&home), &home, port).await;
        let client = webdriver::session(port, &program(), &["--automation"], || driver.said()).await;
        Self { client, _driver: driver, _home: home }
    }

    /// Where the browser and its driver log.
    pub fn logs(stage: &Stage) -> PathBuf {
        stage.folder().join("browser")
    }

    /// Goes to an address and waits until the page is there.
    ///
    /// # Panics
    /// When there is none.
    pub async fn visit(&self, address: &str) {
        self.client.goto(address).await.unwrap_or_else(|error| panic!("{address}: {error}"));
    }

    /// The address of the page that is shown.
    ///
    /// # Panics
    /// When the browser does not tell.
    pub async fn address(&self) -> Url {
        self.client.current_url().await.expect("a page has an address")
    }

    /// Clicks what a selector names, as soon as it can be clicked.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn click(&self, selector: &str) {
        until(&format!("{selector} can be clicked"), async || {
            let found = self.client.find(Locator::Css(selector)).await.map_err(|error| error.to_string())?;
            found.click().await.map_err(|error| error.to_string())
        })
        .await;
    }

    /// Waits until the page says `words`, and returns all that it says.
    ///
    /// # Panics
    /// When it does not.
    pub async fn shows(&self, words: &str) -> String {
        until(&format!("the browser shows {words:?}"), async || {
            let text = self.client.execute("return document.body.innerText", vec![]).await;
            match text.as_ref().ok().and_then(|text| text.as_str()) {
                Some(text) if text.contains(words) => Ok(text.to_owned()),
                _ => Err(text),
            }
        })
        .await
    }

    /// Takes a picture of the page.
    ///
    /// # Panics
    /// When the page or the file fails.
    pub async fn picture(&self, file: &Path) {
        let png = self.client.screenshot().await.expect("the page can be drawn");
        std::fs::write(file, png).expect("a picture can be written");
    }
}

/// The browser, which its packages put beside WebKit's other processes.
fn program() -> PathBuf {
    let folders = ["/usr/lib", "/usr/lib64", "/usr/libexec"].map(PathBuf::from).into_iter();
    let libraries = std::fs::read_dir("/usr/lib").into_iter().flatten().filter_map(Result::ok);
    let triplets = libraries.map(|entry| entry.path());
    let mut places = folders.chain(triplets).map(|folder| folder.join("webkit2gtk-4.1/MiniBrowser"));
    places.find(|path| path.is_file()).expect("WebKit's MiniBrowser is installed")
}
