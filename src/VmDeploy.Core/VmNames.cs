using System;
using System.Collections.Generic;
using System.Linq;

namespace VmDeploy;

/// <summary>The names of VMs that are to be made.</summary>
public static class VmNames
{
    // RegisterVM_Task and the folder on the datastore take no more than this.
    private const int MaxLength = 79;

    /// <summary><c>prefix1</c> to <c>prefixN</c>.</summary>
    public static IReadOnlyList<string> Numbered(string prefix, int count) =>
        Enumerable.Range(1, count).Select(i => FormattableString.Invariant($"{prefix}{i}")).ToList();

    /// <summary>Refuses an empty list, names that no host takes, and names that stand twice.</summary>
    public static void Check(IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            throw new VmDeployException(ErrorCodes.NameInvalid, "No name was given for the VM.");
        foreach (string name in names)
        {
            if (string.IsNullOrWhiteSpace(name) || name.Length > MaxLength || name.Any(c => c is '/' or '\\' or '%' || char.IsControl(c)))
                throw new VmDeployException(ErrorCodes.NameInvalid, $"'{name}' can't be the name of a VM.", name);
        }
        if (names.GroupBy(n => n, StringComparer.OrdinalIgnoreCase).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new VmDeployException(ErrorCodes.DuplicateVmName, $"The name '{twice.Key}' is asked for {twice.Count()} times.", twice.Key);
    }
}
