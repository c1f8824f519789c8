//! Positions on the schematic map of the city, in percent of its width and height from the top left corner.

/// Position of a person, a restaurant or a destination.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

impl Point {
    /// Position after a distance on the way to `target`. Streets run from west to east and from north to south, so the way has one
    /// turn. Returns the target if it is not farther.
    pub(crate) fn towards(self, target: Self, distance: f64) -> Self {
        let across = target.x - self.x;
        if across.abs() >= distance {
            return Self {
                x: self.x + distance.copysign(across),
                ..self
            };
        }
        let rest = distance - across.abs();
        let down = target.y - self.y;
        let y = if down.abs() > rest {
            self.y + rest.copysign(down)
        } else {
            target.y
        };
        Self { x: target.x, y }
    }

    /// A random position in the city.
    pub(crate) fn random(rng: &mut fastrand::Rng) -> Self {
        let coordinate = |rng: &mut fastrand::Rng| 5.0 + 90.0 * rng.f64();
        Self {
            x: coordinate(rng),
            y: coordinate(rng),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn way_follows_the_streets_and_ends_at_the_target() {
        let target = Point { x: 10.0, y: 80.0 };
        let mut position = Point { x: 40.0, y: 20.0 };
        let mut way = Vec::new();
        while position != target {
            position = position.towards(target, 25.0);
            way.push((position.x, position.y));
        }
        assert_eq!(way, [(15.0, 20.0), (10.0, 40.0), (10.0, 65.0), (10.0, 80.0)]);
        assert_eq!(target.towards(target, 25.0), target);
    }
}
