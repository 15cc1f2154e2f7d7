//! The events of every trigger, typed.
//!
//! Take one of these as a handler's event and it is read from JSON:
//!
//! ```
//! use fngraph_guest::event::{ApigEvent, ApigResponse};
//!
//! #[fngraph_guest::handler]
//! fn greet(event: ApigEvent) -> ApigResponse {
//!     ApigResponse::text(format!("Hello, {}!", event.query("name").unwrap_or("world")))
//! }
//!
//! let response = greet(ApigEvent::default());
//! assert_eq!(response.body, "Hello, world!");
//! ```
//!
//! What the documentation shows and what the cloud was seen to send differ in places; both are read. Fields that are
//! not known here are ignored, fields that are often left out have a default, and the one field that tells the source
//! from others is required. The types serialise into the same JSON, so that a test can make events as well.
//!
//! | trigger type                   | event                                                            |
//! | ------------------------------ | ---------------------------------------------------------------- |
//! | `TIMER`                        | [`TimerEvent`]                                                   |
//! | `APIG`, `DEDICATEDGATEWAY`, `APIC` | [`ApigEvent`], answered with [`ApigResponse`]                |
//! | `SMN`                          | [`SmnEvent`]                                                     |
//! | `OBS`                          | [`ObsEvent`]                                                     |
//! | `DIS`                          | [`DisEvent`]                                                     |
//! | `LTS`                          | [`LtsEvent`]                                                     |
//! | `CTS`                          | [`CtsEvent`]                                                     |
//! | `DDS`                          | [`DdsEvent`]                                                     |
//! | `GAUSSMONGO`                   | [`GaussMongoEvent`]                                              |
//! | `KAFKA`, `OPENSOURCEKAFKA`     | [`KafkaEvent`]                                                   |
//! | `ROCKETMQ`                     | [`RocketMqEvent`]                                                |
//! | `RABBITMQ`                     | [`RabbitMqEvent`]                                                |
//! | `DMS`                          | [`DmsEvent`]                                                     |
//! | `EVENTGRID`                    | [`EventGridEvent`], with [`ObsData`](eventgrid::ObsData) from OBS |
//! | `IOTDA`                        | [`IotdaEvent`]                                                   |

pub mod apig;
pub mod broker;
pub mod cts;
pub mod dds;
pub mod dis;
pub mod dms;
mod encoding;
pub mod eventgrid;
pub mod gaussmongo;
pub mod iotda;
pub mod kafka;
mod lenient;
pub mod lts;
pub mod obs;
pub mod rabbitmq;
pub mod rocketmq;
pub mod smn;
pub mod timer;

pub use apig::{ApigEvent, ApigResponse};
pub use cts::CtsEvent;
pub use dds::DdsEvent;
pub use dis::DisEvent;
pub use dms::DmsEvent;
pub use eventgrid::EventGridEvent;
pub use gaussmongo::GaussMongoEvent;
pub use iotda::IotdaEvent;
pub use kafka::KafkaEvent;
pub use lts::LtsEvent;
pub use obs::ObsEvent;
pub use rabbitmq::RabbitMqEvent;
pub use rocketmq::RocketMqEvent;
pub use smn::SmnEvent;
pub use timer::TimerEvent;

#[cfg(test)]
mod testing;
