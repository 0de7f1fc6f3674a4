// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CreditBook} from "../contracts/CreditBook.sol";
import {LimitBook} from "../contracts/LimitBook.sol";
import {PriceFeed} from "../contracts/testing/PriceFeed.sol";
import {BookTest} from "./BookTest.sol";

/// @dev A book that values ETH at 2,000 and USDC at 1, and mark-downs for one account.
abstract contract MarkDownTest is BookTest {
    bytes32 internal constant WETH = keccak256("WETH");
    bytes32 internal constant USDC = keccak256("USDC");
    PriceFeed internal eth;
    PriceFeed internal usdc;

    function deployPriced() internal {
        deployBook();
        eth = new PriceFeed("ETH / USD", 2_000e8, address(this));
        usdc = new PriceFeed("USDC / USD", 1e8, address(this));
        vm.startPrank(owner);
        book.setAsset(WETH, CreditBook.Asset(eth, 1 hours, 18, 300_000));
        book.setAsset(USDC, CreditBook.Asset(usdc, 1 hours, 6, 100_000));
        vm.stopPrank();
    }

    /// @dev 1 ETH less 20 % and 400 USDC less 0 %: 2,000; a quarter of it is 500.
    function evidence(uint128 ethAmount, uint32 sharePpm) internal pure returns (CreditBook.Evidence memory it) {
        it.lots = new CreditBook.Lot[](2);
        it.lots[0] = CreditBook.Lot(WETH, ethAmount, 200_000);
        it.lots[1] = CreditBook.Lot(USDC, 400e6, 0);
        it.sharePpm = sharePpm;
    }

    function markDown(uint64 sequence, uint128 credit, CreditBook.Evidence memory of_)
        internal
        view
        returns (CreditBook.MarkDown memory)
    {
        return CreditBook.MarkDown({
            account: alice,
            venue: venue,
            credit: credit,
            sequence: sequence,
            epoch: book.epoch(),
            inputsHash: keccak256(abi.encode(of_)),
            issuedAt: uint64(block.timestamp)
        });
    }

    function signed(CreditBook.MarkDown memory it) internal view returns (bytes[] memory) {
        return signatures(book.markDownDigestOf(it), keys[0], keys[1]);
    }

    function lower(CreditBook.MarkDown memory it, CreditBook.Evidence memory of_) internal {
        book.markDown(it, of_, signed(it));
    }

    function refuse(CreditBook.MarkDown memory it, CreditBook.Evidence memory of_, bytes4 reason) internal {
        bytes[] memory list = signed(it);
        vm.expectPartialRevert(reason);
        book.markDown(it, of_, list);
    }

    function credited(uint64 sequence, uint128 credit) internal {
        LimitBook.Limit memory it = limit(sequence, 0);
        it.credit = credit;
        accept(it);
    }
}
