using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace VmDeploy;

/// <summary>
/// The error table: every condition that this library reports, with its id, category and advice.
/// The table is split by subject into the other files of this partial class.
/// </summary>
public static partial class ErrorCodes
{
    /// <summary>All rows, in the order of their ids.</summary>
    // Read when asked for: an initializer would run before those of the files that are compiled later.
    public static IReadOnlyList<ErrorCode> All => typeof(ErrorCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Where(f => f.FieldType == typeof(ErrorCode))
        .Select(f => (ErrorCode)f.GetValue(null)!)
        .OrderBy(code => code.Id, System.StringComparer.Ordinal)
        .ToList();
}
