//! The copy that is read in place of a damaged file, with a beginning that SQLite accepts.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use crate::damage::beside;
use crate::file;

/// What every database begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// How many of its letters are enough to know it by.
const LETTERS: usize = 10;
/// The size of our pages, where the file does not tell.
const PAGE_SIZE: u64 = 4096;
/// How long the header of a database is, and what an inner page of a table begins with.
const HEADER: usize = 100;
const INNER_PAGE: u8 = 5;
/// How far a file is searched for signs of a replica.
const SEARCHED: u64 = 4 << 20;
/// A word that only a replica has.
const SIGN: &[u8] = b"calendar_integration";

/// Whether something tells that the file was a replica once: how it begins, what is in it, a log beside it, or that it
/// was blotted out.
pub(super) fn may_be_ours(path: &Path) -> io::Result<bool> {
    if fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0) {
        return Ok(true);
    }
    let mut start = Vec::new();
    File::open(path)?.take(SEARCHED).read_to_end(&mut start)?;
    let letters = start.iter().zip(MAGIC).filter(|(letter, expected)| letter == expected).count();
    let is_blotted_out = start.iter().all(|byte| *byte == 0);
    Ok(letters >= LETTERS.min(start.len())
        || is_blotted_out
        || start.windows(SIGN.len()).any(|word| word == SIGN))
}

/// Copies a damaged file and its log, and writes a header over the copy's that fits its length.
pub(super) fn copy(path: &Path, to: &Path) -> io::Result<()> {
    let mut mended = file::for_owner(File::options().read(true).write(true).create_new(true)).open(to)?;
    io::copy(&mut File::open(path)?, &mut mended)?;
    let log = beside(path, "-wal");
    if log.exists() {
        let mut copied =
            file::for_owner(File::options().write(true).create_new(true)).open(beside(to, "-wal"))?;
        io::copy(&mut File::open(log)?, &mut copied)?;
    }
    let length = mended.metadata()?.len();
    if length == 0 {
        return Ok(());
    }
    let page_size = page_size(&mut mended)?;
    let pages = length.div_ceil(page_size);
    mended.set_len(pages * page_size)?;
    let stored = u16::try_from(page_size).unwrap_or(1).to_be_bytes();
    let pages = u32::try_from(pages).unwrap_or(u32::MAX).to_be_bytes();
    // Offsets from <https://sqlite.org/fileformat.html#the_database_header>.
    let fields: [(u64, &[u8]); 9] = [
        (0, MAGIC),
        (16, &stored),
        // A log may be beside it; nothing is reserved; the fractions never differ.
        (18, &[2, 2, 0, 64, 32, 32]),
        // The length counts because these two are alike.
        (24, &[0, 0, 0, 1]),
        (28, &pages),
        // Free pages are of no interest.
        (32, &[0; 8]),
        (44, &[0, 0, 0, 4]),
        // No automatic vacuum; UTF-8.
        (52, &[0, 0, 0, 0, 0, 0, 0, 1]),
        (92, &[0, 0, 0, 1]),
    ];
    for (offset, bytes) in fields {
        mended.seek(SeekFrom::Start(offset))?;
        mended.write_all(bytes)?;
    }
    Ok(())
}

/// Gives the copy the table of contents of a new replica, `model`, whose tables are in the same places when both were
/// made by the same version. For a copy whose own cannot be read, and in which nothing could be found without one.
pub(super) fn lend_contents(copy: &Path, model: &Path) -> io::Result<()> {
    let mut model = File::open(model)?;
    let mut copy = File::options().read(true).write(true).open(copy)?;
    let size = page_size(&mut model)?;
    if page_size(&mut copy)? != size {
        return Ok(());
    }
    let (mut wanted, mut lent) = (vec![1_u64], BTreeSet::new());
    while let Some(number) = wanted.pop() {
        if number == 0 || !lent.insert(number) {
            continue;
        }
        let mut page = vec![0; usize::try_from(size).unwrap_or_default()];
        model.seek(SeekFrom::Start((number - 1) * size))?;
        model.read_exact(&mut page)?;
        // The first page begins with the header of the file, and the copy has its own.
        let start = if number == 1 { HEADER } else { 0 };
        wanted.extend(children(&page, start));
        copy.seek(SeekFrom::Start((number - 1) * size + start as u64))?;
        copy.write_all(page.get(start..).unwrap_or_default())?;
    }
    Ok(())
}

/// The pages below a page of a table (<https://sqlite.org/fileformat.html#b_tree_pages>); none below a leaf.
fn children(page: &[u8], start: usize) -> Vec<u64> {
    let number = |at: usize| {
        let bytes = page.get(at..).and_then(|bytes| bytes.first_chunk::<4>());
        bytes.map_or(0, |bytes| u64::from(u32::from_be_bytes(*bytes)))
    };
    let short = |at: usize| {
        let bytes = page.get(at..).and_then(|bytes| bytes.first_chunk::<2>());
        bytes.map_or(0, |bytes| usize::from(u16::from_be_bytes(*bytes)))
    };
    if page.get(start) != Some(&INNER_PAGE) {
        return Vec::new();
    }
    let cells = (0..short(start + 3)).map(|cell| number(short(start + 12 + 2 * cell)));
    cells.chain([number(start + 8)]).collect()
}

/// The size of the file's pages: what it says, if that can be.
fn page_size(file: &mut File) -> io::Result<u64> {
    let mut stored = Vec::new();
    file.seek(SeekFrom::Start(16))?;
    file.take(2).read_to_end(&mut stored)?;
    let stored = stored.first_chunk().map_or(0, |bytes| u16::from_be_bytes(*bytes));
    Ok(match stored {
        1 => 65536,
        size if size >= 512 && size.is_power_of_two() => size.into(),
        _ => PAGE_SIZE,
    })
}
