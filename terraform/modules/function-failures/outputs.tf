output "queue_arn" {
  description = "ARN of the queue for events that a function could not handle."
  value       = aws_sqs_queue.this.arn
}
