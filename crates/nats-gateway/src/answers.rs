//! Answers out: those of a whole group at a time, from one task.

use async_nats::service::Request;
use command_processor::Answer;
use tokio::sync::mpsc;

use crate::reply;

/// Groups of answers that may wait to be sent before the writer waits.
const GROUPS_WAITING_MAX: usize = 64;

type Group = Vec<(Request, Answer)>;

/// The answers that the writer has given, on their way to those who asked.
#[derive(Debug)]
pub struct Answers(mpsc::Receiver<Group>);

/// A writer's way of answering requests, and where the answers come out. The first is for the thread of the writer,
/// never for a task: it waits when the connection takes nothing.
pub fn answering() -> (impl FnMut(Group) + Send + 'static, Answers) {
    let (give, answers) = mpsc::channel(GROUPS_WAITING_MAX);
    let answer = move |group| {
        // When nobody sends answers any more, callers send their commands again to whoever serves then.
        let _ = give.blocking_send(group);
    };
    (answer, Answers(answers))
}

impl Answers {
    /// Sends them until the writer has ended.
    pub(crate) async fn send(mut self) {
        while let Some(group) = self.0.recv().await {
            for (request, answer) in group {
                match answer {
                    Answer::Accepted(accepted) => reply::send(&request, &accepted).await,
                    Answer::Refused(problem) => reply::send_problem(&request, &problem).await,
                }
            }
        }
    }
}
