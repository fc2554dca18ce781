output "route_throttles" {
  description = "Limits of the public routes, by route key; known once the routes exist."
  value       = {}
}
