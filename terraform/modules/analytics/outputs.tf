output "analytics_table" {
  description = "Name of the table of figures and counters."
  value       = module.figures.name
}

output "visits_table" {
  description = "Name of the table of salts and marks, of which no backup may be kept."
  value       = module.visits.name
}

output "events_bucket" {
  description = "Name of the bucket of single page views."
  value       = module.events.bucket_id
}

output "workgroup" {
  description = "Name of Athena's workgroup for questions about single page views."
  value       = aws_athena_workgroup.this.name
}

output "standby" {
  description = "What the second region answers: functions with their routes, and their environment. Firehose and the bucket are in the first region alone, so that nothing is collected in the second."
  value = {
    functions   = { for name, function in local.functions : name => function if contains(["get_counters", "read_analytics"], name) }
    environment = module.functions.environment
  }
}

output "route_throttles" {
  description = "Limits of the public routes, by route key; known once the routes exist."
  value       = module.functions.route_throttles
}
