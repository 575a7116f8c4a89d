using System.Collections;

namespace VmDeploy.PowerShell;

/// <summary>
/// Sizes of disks in GiB in their order: a number for the first, a list, or a map of disk numbers to sizes. A null member of a list
/// stands for a disk that is not changed.
/// </summary>
public sealed class DiskSizesAttribute : ValueTransformationAttribute
{
    // More than any VM has.
    private const int MostDisks = 256;

    /// <inheritdoc/>
    protected override object Convert(object value) => value switch
    {
        IDictionary map => FromMap(map.Cast<DictionaryEntry>().Select(entry => (LanguagePrimitives.ConvertTo<string>(entry.Key), (object?)entry.Value))),
        PSObject { BaseObject: PSCustomObject } json => FromMap(json.Properties.Where(property => property.MemberType == PSMemberTypes.NoteProperty)
            .Select(property => (property.Name, (object?)property.Value))),
        IEnumerable and not string => LanguagePrimitives.GetEnumerable(value).Cast<object?>().Select(Size).ToArray(),
        _ => new[] { Size(value) },
    };

    private static double?[] FromMap(IEnumerable<(string Key, object? Value)> entries)
    {
        var sizes = new List<double?>();
        foreach (var (key, value) in entries)
        {
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1 || number > MostDisks)
                throw new ArgumentTransformationMetadataException($"'{key}' is not the number of a disk; disks are counted from 1.");
            while (sizes.Count < number)
                sizes.Add(null);
            sizes[number - 1] = Size(value);
        }
        return [.. sizes];
    }

    private static double? Size(object? value) => PlainValue.Of(value) is { } given and not "" ? SizeGBAttribute.Read(given) : null;
}
