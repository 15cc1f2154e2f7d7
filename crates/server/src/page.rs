//! Pages of lists: which part of a list a request asks for.

use crate::failure::Failure;
use fngraph::ErrorCode;
use fngraph_api::PageInfo;
use std::str::FromStr;

/// The part of a list that a request asks for. Its marker counts the items before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Page {
    /// How many items to leave out at the beginning.
    pub(crate) skip: usize,
    /// How many items at most.
    pub(crate) take: usize,
}

impl Page {
    /// Everything.
    pub(crate) const ALL: Self = Self { skip: 0, take: usize::MAX };

    /// Reads what clients send as texts. No limit, and 0, mean the default; more than `most` means `most`.
    ///
    /// # Errors
    /// `FSS.1001` for what is no number, or less than 0.
    pub(crate) fn read(
        marker: Option<&str>,
        limit: Option<&str>,
        default: usize,
        most: usize,
    ) -> Result<Self, Failure> {
        let take = match number("limit", limit)? {
            0 => default,
            limit => limit.min(most),
        };
        Ok(Self { skip: number("marker", marker)?, take })
    }

    /// How many items come before this part.
    pub(crate) fn offset(self) -> u64 {
        self.skip as u64
    }

    /// How many items this part has at most.
    pub(crate) fn limit(self) -> u64 {
        self.take as u64
    }

    /// The items of this part.
    pub(crate) fn of<I: IntoIterator>(self, items: I) -> impl Iterator<Item = I::Item> {
        items.into_iter().skip(self.skip).take(self.take)
    }

    /// The marker of the part after this one, in a list of so many items.
    pub(crate) fn next(self, count: usize) -> u64 {
        self.skip.saturating_add(self.take).min(count) as u64
    }

    /// Where this part stands in a list of so many items.
    pub(crate) fn info(self, count: usize) -> PageInfo {
        let next_marker = self.next(count);
        let current_count = next_marker.saturating_sub(self.skip as u64);
        PageInfo { next_marker, previous_marker: self.skip.saturating_sub(self.take) as u64, current_count }
    }
}

fn number(what: &str, text: Option<&str>) -> Result<usize, Failure> {
    let text = text.unwrap_or_default();
    let number = if text.is_empty() { Ok(0) } else { usize::from_str(text) };
    number.map_err(|_| {
        let text = format!("the {what} is no whole number from 0 on; leave it out, or take it from the page before");
        Failure::new(ErrorCode::InvalidQuery, text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(marker: &str, limit: &str, items: &[u32], (previous, next): (u64, u64)) {
        let page = Page::read(Some(marker), Some(limit), 2, 3).unwrap();
        assert_eq!(page.of([1, 2, 3, 4, 5]).collect::<Vec<_>>(), items, "{marker} {limit}");
        let info = page.info(5);
        assert_eq!((info.previous_marker, info.next_marker), (previous, next), "{marker} {limit}");
        assert_eq!(info.current_count, items.len() as u64, "{marker} {limit}");
    }

    #[test]
    fn markers_lead_through_a_list() {
        check("", "", &[1, 2], (0, 2));
        check("0", "0", &[1, 2], (0, 2));
        check("2", "2", &[3, 4], (0, 4));
        check("4", "2", &[5], (2, 5));
        check("5", "2", &[], (3, 5));
        check("9", "3", &[], (6, 5));
        check("0", "400", &[1, 2, 3], (0, 3));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["-1", "x", "1.5", "99999999999999999999999"] {
            let marker = Page::read(Some(text), None, 2, 3).unwrap_err();
            let limit = Page::read(None, Some(text), 2, 3).unwrap_err();
            assert_eq!((marker.code(), limit.code()), (ErrorCode::InvalidQuery, ErrorCode::InvalidQuery), "{text}");
        }
    }
}
