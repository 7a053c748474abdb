//! Where one file ends and the next one begins.

use super::super::chunk::Chunk;
use super::super::disk::Job;
use super::Recording;

impl Recording {
    /// Sends the chunk on its way; into the next file where this one would grow too large.
    pub(super) fn commit(&mut self) {
        if self.chunk.is_empty() {
            return;
        }
        let mut chunk = std::mem::replace(&mut self.chunk, self.pipeline.fresh());
        self.chunk_since = None;
        if let Some(most) = self.request.split.max_bytes
            && self.file_chunks > 0
        {
            let books = self.shared.books();
            let length = if books.number == self.file_number {
                books.length
            } else {
                0
            };
            let grown = length + books.in_flight + chunk.len() as u64;
            drop(books);
            if grown > most {
                self.begin_file(Job::Split);
                chunk = self.after_repeated(chunk);
            }
        }
        self.file_chunks += 1;
        self.pipeline.submit(chunk);
    }

    /// Ends the present file, unless it is empty.
    pub(super) fn split(&mut self) {
        self.split_due = false;
        self.commit();
        if self.file_chunks > 0 {
            self.begin_file(Job::Split);
        }
    }

    /// What comes from now on goes to the next file, which begins with what latched writers said.
    fn begin_file(&mut self, job: Job) {
        self.pipeline.send(job);
        self.file_number += 1;
        self.file_chunks = 0;
        self.file_since = None;
        self.split_due = false;
        self.repeat_latched(None);
    }

    /// Sends what latched writers said before this chunk.
    fn after_repeated(&mut self, chunk: Chunk) -> Chunk {
        if !self.chunk.is_empty() {
            let repeated = std::mem::replace(&mut self.chunk, self.pipeline.fresh());
            self.chunk_since = None;
            self.pipeline.submit(repeated);
        }
        chunk
    }
}
