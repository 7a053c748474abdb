//! Which board a window opens with, and where it is saved.

use std::path::{Path, PathBuf};

use crate::board::{Board, BoardError};

/// A board with the file that it is saved to.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) board: Board,
    pub(super) file: PathBuf,
    /// Why it is not the one that was asked for.
    pub(super) problem: Option<String>,
}

/// The board of a file, of the demo robot, or the one that was saved without a file before.
///
/// # Errors
/// When the file that was named cannot be used. One of a newer version is told in the window, which opens without it and
/// will not write over it.
pub(super) fn opened(path: Option<&Path>, demo: bool) -> Result<Opened, BoardError> {
    match path {
        Some(path) => match Board::load(path) {
            Ok(board) => Ok(Opened {
                board,
                file: path.to_owned(),
                problem: None,
            }),
            Err(error @ BoardError::Newer { .. }) => Ok(beside(path, &error)),
            Err(error) => Err(error),
        },
        None if demo => Ok(Opened {
            board: Board::demo(),
            file: default_file("demo.toml"),
            problem: None,
        }),
        None => Ok(saved(&default_file("board.toml"))),
    }
}

/// The board that Ctrl+S saved when there was no file; an empty one when there is none.
fn saved(path: &Path) -> Opened {
    if !path.exists() {
        return Opened {
            board: Board::default(),
            file: path.to_owned(),
            problem: None,
        };
    }
    match Board::load(path) {
        Ok(board) => Opened {
            board,
            file: path.to_owned(),
            problem: None,
        },
        Err(error) => beside(path, &error),
    }
}

/// An empty board that is saved beside a file which cannot be read, so that nothing of it is lost.
fn beside(path: &Path, error: &BoardError) -> Opened {
    Opened {
        board: Board::default(),
        file: path.with_extension("new.toml"),
        problem: Some(error.to_string()),
    }
}

/// Where boards are that came from no file.
fn default_file(name: &str) -> PathBuf {
    directories::ProjectDirs::from("", "", "roswave").map_or_else(
        || PathBuf::from(name),
        |dirs| dirs.config_dir().join("boards").join(name),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_board_is_told_of_and_kept() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("bench.toml");
        std::fs::write(&path, "version = 99\n").expect("written");
        let opened = opened(Some(&path), false).expect("the window opens");
        assert_eq!(opened.board, Board::default());
        assert!(opened.problem.is_some_and(|problem| problem.contains("version 99")));
        assert_ne!(opened.file, path, "it is not written over");
    }

    #[test]
    fn what_was_saved_without_a_file_is_there_again() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("board.toml");
        assert_eq!(saved(&path).board, Board::default());
        Board::demo().save(&path).expect("saved");
        assert_eq!(saved(&path).board, Board::demo());
        std::fs::write(&path, "not a board").expect("written");
        let broken = saved(&path);
        assert!(broken.problem.is_some_and(|problem| problem.contains("board.toml")));
        assert_ne!(broken.file, path);
    }
}
