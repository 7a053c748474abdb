//! Units that the definitions of the common packages fix, by REP 103 and the comments of the definitions.
//!
//! Fields whose unit depends on the robot have none here: the position of a joint is in radians or metres.

use crate::name::TypeName;

/// The unit of a field of a message. For a field that holds a message it is the unit of the numbers inside it, unless
/// that message fixes its own.
pub(super) fn unit(owner: &TypeName, field: &str) -> Option<&'static str> {
    let unit = match (owner.package(), owner.short(), field) {
        ("builtin_interfaces", "Time" | "Duration", "sec") => "s",
        ("builtin_interfaces", "Time" | "Duration", "nanosec") => "ns",
        ("std_msgs", "Header", "stamp") => "s",
        ("rosgraph_msgs", "Clock", "clock") => "s",

        ("geometry_msgs", "Point" | "Point32", _) => "m",
        ("geometry_msgs", "Pose2D", "x" | "y") => "m",
        ("geometry_msgs", "Pose2D", "theta") => "rad",
        ("geometry_msgs", "Transform", "translation") => "m",
        ("geometry_msgs", "Twist" | "VelocityStamped", "linear") => "m/s",
        ("geometry_msgs", "Twist", "angular") => "rad/s",
        ("geometry_msgs", "Accel", "linear") => "m/s²",
        ("geometry_msgs", "Accel", "angular") => "rad/s²",
        ("geometry_msgs", "Wrench", "force") => "N",
        ("geometry_msgs", "Wrench", "torque") => "N·m",
        ("geometry_msgs", "Inertia", "m") => "kg",
        ("geometry_msgs", "Inertia", "com") => "m",
        ("geometry_msgs", "Inertia", "ixx" | "ixy" | "ixz" | "iyy" | "iyz" | "izz") => "kg·m²",

        ("sensor_msgs", "Imu", "angular_velocity") => "rad/s",
        ("sensor_msgs", "Imu", "linear_acceleration") => "m/s²",
        ("sensor_msgs", "Imu", "orientation_covariance") => "rad²",
        ("sensor_msgs", "Imu", "angular_velocity_covariance") => "(rad/s)²",
        ("sensor_msgs", "Imu", "linear_acceleration_covariance") => "(m/s²)²",
        ("sensor_msgs", "BatteryState", "voltage" | "cell_voltage") => "V",
        ("sensor_msgs", "BatteryState", "temperature" | "cell_temperature") => "°C",
        ("sensor_msgs", "BatteryState", "current") => "A",
        ("sensor_msgs", "BatteryState", "charge" | "capacity" | "design_capacity") => "Ah",
        ("sensor_msgs", "FluidPressure", "fluid_pressure") => "Pa",
        ("sensor_msgs", "FluidPressure", "variance") => "Pa²",
        ("sensor_msgs", "Illuminance", "illuminance") => "lx",
        ("sensor_msgs", "Illuminance", "variance") => "lx²",
        ("sensor_msgs", "Temperature", "temperature") => "°C",
        ("sensor_msgs", "Temperature", "variance") => "°C²",
        ("sensor_msgs", "MagneticField", "magnetic_field") => "T",
        ("sensor_msgs", "MagneticField", "magnetic_field_covariance") => "T²",
        ("sensor_msgs", "Range", "field_of_view") => "rad",
        ("sensor_msgs", "Range", "min_range" | "max_range" | "range") => "m",
        ("sensor_msgs", "Range", "variance") => "m²",
        ("sensor_msgs", "LaserScan" | "MultiEchoLaserScan", "angle_min" | "angle_max" | "angle_increment") => "rad",
        ("sensor_msgs", "LaserScan" | "MultiEchoLaserScan", "time_increment" | "scan_time") => "s",
        ("sensor_msgs", "LaserScan" | "MultiEchoLaserScan", "range_min" | "range_max") => "m",
        ("sensor_msgs", "LaserScan", "ranges") => "m",
        ("sensor_msgs", "NavSatFix", "latitude" | "longitude") => "°",
        ("sensor_msgs", "NavSatFix", "altitude") => "m",
        ("sensor_msgs", "NavSatFix", "position_covariance") => "m²",
        ("sensor_msgs", "TimeReference", "time_ref") => "s",

        ("nav_msgs", "MapMetaData", "resolution") => "m",
        ("nav_msgs", "MapMetaData", "map_load_time") => "s",
        ("nav_msgs", "GridCells", "cell_width" | "cell_height") => "m",

        ("trajectory_msgs", "JointTrajectoryPoint" | "MultiDOFJointTrajectoryPoint", "time_from_start") => "s",
        ("visualization_msgs", "Marker", "scale") => "m",
        ("visualization_msgs", "Marker", "lifetime") => "s",
        _ => return None,
    };
    Some(unit)
}
