//! Lists that are answered page by page.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a page stands in its list. Markers count the items before them, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PageInfo {
    /// The marker of the page after this one. When it is the number of items in the list, there are no more.
    pub next_marker: u64,
    /// The marker of the page before this one; 0 at the beginning.
    pub previous_marker: u64,
    /// How many items this page has.
    pub current_count: u64,
}
