namespace VmDeploy.Ova;

/// <summary>The checksum of the members of zip and 7z archives (ISO 3309, polynomial 0xEDB88320), eight bytes at a time.</summary>
internal sealed class Crc32
{
    private const uint Polynomial = 0xEDB88320;
    private const int Slices = 8;

    private static readonly uint[][] s_tables = CreateTables();

    private uint _state = uint.MaxValue;

    public uint Value => ~_state;

    public void Append(byte[] data, int offset, int count)
    {
        var t = s_tables;
        var crc = _state;
        for (; count >= Slices; count -= Slices, offset += Slices)
        {
            crc ^= (uint)(data[offset] | (data[offset + 1] << 8) | (data[offset + 2] << 16) | (data[offset + 3] << 24));
            crc = t[7][crc & 0xFF] ^ t[6][(crc >> 8) & 0xFF] ^ t[5][(crc >> 16) & 0xFF] ^ t[4][crc >> 24]
                ^ t[3][data[offset + 4]] ^ t[2][data[offset + 5]] ^ t[1][data[offset + 6]] ^ t[0][data[offset + 7]];
        }
        for (; count > 0; count--)
            crc = t[0][(crc ^ data[offset++]) & 0xFF] ^ (crc >> 8);
        _state = crc;
    }

    private static uint[][] CreateTables()
    {
        var tables = Enumerable.Range(0, Slices).Select(_ => new uint[256]).ToArray();
        for (uint value = 0; value < 256; value++)
        {
            var crc = value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ Polynomial : crc >> 1;
            tables[0][value] = crc;
        }
        for (var slice = 1; slice < Slices; slice++)
        {
            for (var value = 0; value < 256; value++)
                tables[slice][value] = (tables[slice - 1][value] >> 8) ^ tables[0][tables[slice - 1][value] & 0xFF];
        }
        return tables;
    }
}
