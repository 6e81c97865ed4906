use watchpost::monitored_task;

pub struct Job {
    pub id: u32,
    pub attempt: u32,
    pub name: String,
}

#[monitored_task(trace = job.name)]
fn mail(job: &Job) {
    let _ = (job.id, job.attempt, &job.name);
}

fn main() {}
