//! The grammar of SMTP, for the client here and for servers elsewhere: commands, replies, extensions, message content,
//! and the client's side of the dialogue without a socket.

pub mod command;
mod command_error;
pub mod data;
pub mod extension;
mod parameter;
mod path;
pub mod reply;
pub mod session;

pub use command::{
    BdatLast, Command, CommandError, CommandErrorKind, ForwardPath, Parameter, ParameterError,
};
pub use data::{
    ChunkReader, DataFinding, DataFindingKind, DataProgress, DataReader, DotStuffed, end_of_data,
    stuff_dots,
};
pub use extension::{Extension, Extensions, Limits, SizeLimit};
pub use reply::{LineEnds, ReplyError, ReplyReader, ServerReply};
pub use session::{
    Chunking, ClientName, ClientSession, ConnectionProblem, PlaintextAuth, SessionSettings, Step,
    Transmit,
};
