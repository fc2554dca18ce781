output "route_throttles" {
  description = "Limits of the public routes, by route key; known once the routes exist."
  value       = {}
}

output "waiting_for" {
  description = "What a person still has to do: for which module, what, where, and which action."
  value       = []
}
