using System.Reflection;

namespace VmDeploy;

/// <summary>
/// Every error condition that this library and the module report, split by subject into the other files of this partial class.
/// The advice of the module for each is in <c>VmDeploy/Errors/ErrorAdvice.cs</c>.
/// </summary>
public static partial class ErrorCodes
{
    /// <summary>All conditions, in the order of their ids.</summary>
    // Evaluated lazily: an initializer would run before those of the files that are compiled later.
    public static IReadOnlyList<ErrorCode> All => typeof(ErrorCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Where(f => f.FieldType == typeof(ErrorCode))
        .Select(f => (ErrorCode)f.GetValue(null)!)
        .OrderBy(code => code.Id, System.StringComparer.Ordinal)
        .ToList();
}
