output "queue_arn" {
  description = "ARN of the queue for events that a function could not handle."
  value       = aws_sqs_queue.this.arn
}

output "queue_name" {
  description = "Name of the queue."
  value       = aws_sqs_queue.this.name
}
