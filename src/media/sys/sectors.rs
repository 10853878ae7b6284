//! Reading by whole sectors: past its cache Windows gives no other pieces, and
//! puts them only where memory is aligned alike.

use std::io;

/// What begin, length and place of a piece are multiples of, in bytes: the
/// largest sector of a disk that is sold. Smaller ones divide it.
const SECTOR_BYTES: usize = 4096;
/// Read at once, in bytes.
const PIECE_BYTES: usize = 1 << 20;

/// Reads at a position as `read` does, which is asked for whole sectors alone;
/// gives as many bytes of `buffer` as came.
pub(super) fn read_at(
    read: &mut dyn FnMut(&mut [u8], u64) -> io::Result<usize>,
    buffer: &mut [u8],
    offset: u64,
) -> io::Result<usize> {
    let skip = (offset % SECTOR_BYTES as u64) as usize;
    let length = (skip + buffer.len()).min(PIECE_BYTES).next_multiple_of(SECTOR_BYTES);
    let mut room = vec![0; length + SECTOR_BYTES];
    // Safe code can't ask for aligned memory, but it can find where some begins.
    let begin = room.as_ptr().align_offset(SECTOR_BYTES).min(SECTOR_BYTES);
    let piece = &mut room[begin..begin + length];
    let got = read(piece, offset - skip as u64)?.saturating_sub(skip).min(buffer.len());
    buffer[..got].copy_from_slice(&piece[skip..skip + got]);
    Ok(got)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_sectors_are_asked_for_whatever_is_wanted() {
        let file: Vec<u8> = (0..2_500_000u32).map(|n| (n / 7) as u8).collect();
        let mut strict = |piece: &mut [u8], offset: u64| {
            let sector = SECTOR_BYTES;
            assert_eq!(
                (piece.len() % sector, offset as usize % sector, piece.as_ptr().align_offset(sector)),
                (0, 0, 0)
            );
            let rest = &file[(offset as usize).min(file.len())..];
            let got = rest.len().min(piece.len());
            piece[..got].copy_from_slice(&rest[..got]);
            Ok(got)
        };
        for (offset, length) in
            [(0, 1), (1, 4096), (4095, 2), (4096, 8192), (5, 1 << 20), (2_499_990, 100), (2_500_000, 9)]
        {
            let (mut buffer, mut done) = (vec![0; length], 0);
            loop {
                let got = read_at(&mut strict, &mut buffer[done..], (offset + done) as u64).expect("it reads");
                done += got;
                if got == 0 || done == length {
                    break;
                }
            }
            assert_eq!(buffer[..done], file[offset..(offset + length).min(file.len())], "{offset} {length}");
        }
    }
}
